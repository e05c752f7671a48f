# needs:  results/activations/{grid,words}/{model}/layer_{layer}.h5, results/stimuli/grid/questions.parquet
# leaves: results/ids/spatial/{model}/layer_{layer}.h5

IDS = [file for model in MODELS for file in ids_of(model, layers_of(model))]


rule derive_ids:
    """Derive spatial IDs and axes ({params.estimator}) of {wildcards.model} at layer {wildcards.layer} (Eqs 2-5)."""
    input:
        activations="results/activations/grid/{model}/layer_{layer}.h5",
        words="results/activations/words/{model}/layer_{layer}.h5",
        questions="results/stimuli/grid/questions.parquet",
        code=code_behind("derive_ids.py"),
    output:
        ids="results/ids/spatial/{model}/layer_{layer}.h5",
    log:
        "logs/derive_ids/{model}/layer_{layer}.log",
    benchmark:
        "logs/derive_ids/{model}/layer_{layer}.tsv"
    conda:
        "../envs/torch.yaml"
    params:
        held_out=config["ids"]["held_out"],
        seed=config["seed"],
        estimator=config["ids"]["estimator"],
    script:
        "../scripts/derive_ids.py"
