"""Tables of experiments, and what their scripts are told. No rules."""


def tables(stage):
    """The tables of a stage: of each of its experiments, those of the models that see its data sets."""
    return [
        f"results/{stage}/{name}/{model}.parquet"
        for name, stanza in config[stage]["experiments"].items()
        for model in seeing(*stanza["datasets"])
    ]


def ids_of(kind, model):
    """The file of a kind of IDs of a model."""
    return f"results/ids/{kind}/{model}.h5"


def asked(stage, name, model, *defaults):
    """The settings of a stanza of `stage`.experiments for a model, as its script's `Settings` take them."""
    stanza = config[stage]["experiments"][name]
    own = {key: value for key, value in stanza.items() if key not in ("datasets", "layers", "ids", "explores")}
    shared = {key: config[stage][key] for key in defaults} | {"seed": config["seed"]}
    return leaf({"experiment": name} | shared | own)


def experiment_layers(stage, name, model, default):
    """The layers at which an experiment of `stage` acts on a model."""
    return derived.layers_of(EVERY[model], {"layers": default, **config[stage]["experiments"][name]})


def exploring(stage, name, model, *defaults):
    """`asked` of a stage whose layers or strengths may be chosen by looking, with the images that are left for it."""
    stanzas = {f"{each}.{key}": stanza for each in EXPLORED for key, stanza in config[each]["experiments"].items()}
    return asked(stage, name, model, *defaults) | {"images": derived.images_of(f"{stage}.{name}", stanzas)}


def finetuned(experiment, end="parquet"):
    """The files of all runs of an experiment, or of all experiments together ("")."""
    return [
        f"results/finetuning/{name}/{arm}/{run}.{end}"
        for name, stanza in FINETUNING.items()
        if experiment in ("", name)
        for arm in stanza["arms"]
        for run in range(stanza["runs"])
    ]


def finetuning_sets(experiment):
    """The data sets of an experiment: the grid that is trained on, then those that test."""
    return [FINETUNING[experiment]["grid"], *FINETUNING[experiment]["tests"]]


def finetuning_settings(wc):
    """What the script's `Settings` take of an experiment."""
    apart = ("model", "source", "grid", "tests", "arms", "runs")
    own = {key: value for key, value in FINETUNING[wc.experiment].items() if key not in apart}
    return leaf({"experiment": wc.experiment, "arm": wc.arm, "run": int(wc.run), "seed": config["seed"]} | own)
