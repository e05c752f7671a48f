"""What a job knows of the model that it runs: its files, its stanza, what it holds. No rules."""


def layers_of(model):
    """All layers of a model: 0, the input embedding, to the output of its last block."""
    return range(EVERY[model]["layers"] + 1)


def model_files(model):
    """`source_files` of a model."""
    return source_files(EVERY[model]["source"])


def source_files(source):
    """The files of a checkpoint that lies in a folder, so that a changed weight file is seen; none for a Hub id.

    Of an organism that is trained here, what its training leaves: a model asks for its training.
    """
    if not derived.is_folder(source):
        return []
    if derived.made_here(source, config.get("organisms", {})):
        folder, _, checkpoint = source.partition("/checkpoints/")
        return [f"{folder}/checkpoints"] if checkpoint else [f"{folder}/model.safetensors", f"{folder}/config.json"]
    return sorted(str(path) for path in home(source).iterdir() if path.suffix in PARTS_OF_A_MODEL)


def declared(model):
    """A model as its stanza declares it: all that decides its numbers (device and batch are resources, but a number type
    that is to be chosen hangs on the device).
    """
    stanza = EVERY[model]
    device = {"device": stanza.get("device", "cpu")} if stanza.get("dtype") == "auto" else {}
    fault = {"fault": {"seed": config["seed"]} | stanza["fault"]} if "fault" in stanza else {}
    return leaf({"name": model} | {key: stanza[key] for key in DECLARED if key in stanza} | fault | device)


def planted():
    """What is planted in each model, "none" in the others; nothing where none has a fault."""
    truths = {model: stanza.get("fault", {}).get("kind", "none") for model, stanza in MODELS.items()}
    return leaf(truths) if set(truths.values()) - {"none"} else {}


def on_gpu(model):
    """How many GPUs a job of this model holds."""
    return EVERY[model].get("gpus", 1) if EVERY[model].get("device", "cpu") != "cpu" else 0


def model_resources(model, share=1):
    """What a job holds that runs the model `model(wildcards)`: memory (`share` times the stanza's) and minutes grow with
    its size, and with each attempt where a profile has `retries`.
    """
    return dict(
        gpu=lambda wc: on_gpu(model(wc)),
        mem_mb=lambda wc, attempt: attempt * share * EVERY[model(wc)].get("memory_mb", 2000),
        runtime=lambda wc, attempt: attempt * (60 + EVERY[model(wc)].get("memory_mb", 2000) // 50),
        device=lambda wc: EVERY[model(wc)].get("device", "cpu"),
    )


# What every job that runs a model holds, and is told, beside its own; `wc.model` is the model.
MODEL_RESOURCES = model_resources(lambda wc: wc.model)
MODEL_PARAMS = dict(device=lambda wc, resources: resources.device)
