# needs:  results/activations/{reading}/{model}/layer_{layer}.h5, the questions of the reading's data set
# leaves: results/ids/{kind}/{model}.h5, all layers of a model in one file, results/images-needed/{model}.parquet

GRID = KINDS["spatial"]["reading"]
KEPT = [model for model in MODELS if derived.keeps(MODELS[model], GRID, config) == "rows"]
IDS = [ids_of(kind, model) for kind in KINDS for model in seeing(READINGS[KINDS[kind]["reading"]]["dataset"])]


rule derive_ids:
    """Derive {wildcards.kind} IDs over {params.coordinates} ({params.estimator}) of {wildcards.model} (Eqs 2-5)."""
    input:
        activations=lambda wc: layer_files(KINDS[wc.kind]["reading"], wc.model),
        words=lambda wc: sum((layer_files(reading, wc.model) for reading in KINDS[wc.kind].get("words", [])), []),
        questions=lambda wc: questions(READINGS[KINDS[wc.kind]["reading"]]["dataset"]),
        code=code_behind("derive_ids.py"),
    output:
        ids="results/ids/{kind}/{model}.h5",
    log:
        "logs/derive_ids/{kind}/{model}.log",
    benchmark:
        "logs/derive_ids/{kind}/{model}.tsv"
    conda:
        "../envs/torch.yaml"
    params:
        coordinates=lambda wc: KINDS[wc.kind]["coordinates"],
        words=lambda wc: KINDS[wc.kind].get("words", []),
        held_out=config["ids"]["held_out"],
        seed=config["seed"],
        estimator=config["ids"]["estimator"],
    script:
        "../scripts/derive_ids.py"


rule count_images:
    """Compare the spatial IDs of parts of the grid with the whole grid's, of {wildcards.model}: {params.counts} images."""
    input:
        activations=lambda wc: layer_files(GRID, wc.model),
        questions=questions(READINGS[GRID]["dataset"]),
        code=code_behind("count_images.py"),
    output:
        table="results/images-needed/{model}.parquet",
    log:
        "logs/count_images/{model}.log",
    benchmark:
        "logs/count_images/{model}.tsv"
    conda:
        "../envs/torch.yaml"
    params:
        counts=config["ids"]["images_needed"]["counts"],
        draws=config["ids"]["images_needed"]["draws"],
        coordinates=KINDS["spatial"]["coordinates"],
        seed=config["seed"],
        estimator=config["ids"]["estimator"],
    script:
        "../scripts/count_images.py"
