# needs:  results/ids/{kind}/{model}.h5, results/stimuli/ of the experiment's data sets, results/models/{model}.json
# leaves: results/diagnosing/{experiment}/{model}.parquet; with a stanza `comparing` also results/comparing/{model}.parquet

COMPARING = config.get("comparing", {})
DIAGNOSED = tables("diagnosing")


rule diagnose_model:
    """Diagnose {wildcards.model}: what its nouns are bound to, masks, true IDs injected: {params.settings}."""
    input:
        unpack(lambda wc: seen(DIAGNOSING[wc.experiment]["datasets"])),
        ids=lambda wc: ids_of(DIAGNOSING[wc.experiment].get("ids", "spatial"), wc.model),
        questions=lambda wc: map(questions, DIAGNOSING[wc.experiment]["datasets"]),
        model="results/models/{model}.json",
        code=code_behind("diagnose_model.py"),
    output:
        table="results/diagnosing/{experiment}/{model}.parquet",
    log:
        "logs/diagnose_model/{experiment}/{model}.log",
    benchmark:
        "logs/diagnose_model/{experiment}/{model}.tsv"
    wildcard_constraints:
        experiment=names(DIAGNOSING),
    priority: lambda wc: DIAGNOSING[wc.experiment]["items"] * len(DIAGNOSING[wc.experiment]["datasets"])  # longest first
    conda:
        "../envs/torch.yaml"
    resources:
        **MODEL_RESOURCES,
    params:
        **MODEL_PARAMS,
        settings=lambda wc: asked("diagnosing", wc.experiment, wc.model, "min_mass", "masks"),
        layers=lambda wc: experiment_layers("diagnosing", wc.experiment, wc.model, "all"),
    script:
        "../scripts/diagnose_model.py"


rule compare_methods:
    """Read {wildcards.model} by IDs, a probe, patching, attention and the logit lens: {params.settings}."""
    input:
        unpack(lambda wc: seen(COMPARING["datasets"])),
        ids=lambda wc: ids_of("spatial", wc.model),
        activations=lambda wc: layer_files(GRID, wc.model),
        grid=questions(READINGS[GRID]["dataset"]),
        questions=lambda wc: map(questions, COMPARING["datasets"]),
        model="results/models/{model}.json",
        code=code_behind("compare_methods.py"),
    output:
        table="results/comparing/{model}.parquet",
    log:
        "logs/compare_methods/{model}.log",
    benchmark:
        "logs/compare_methods/{model}.tsv"
    conda:
        "../envs/torch.yaml"
    resources:
        **MODEL_RESOURCES,
    params:
        **MODEL_PARAMS,
        settings=leaf({"seed": config["seed"]} | {key: value for key, value in COMPARING.items() if key != "datasets"}),
        layers=lambda wc: list(layers_of(wc.model)),
    script:
        "../scripts/compare_methods.py"
