# needs:  results/activations/{reading}/{model}/layer_{layer}.h5, the questions of the reading's data set
# leaves: results/ids/{kind}/{model}.h5, all layers of a model in one file

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
