# needs:  results/stimuli/ of the experiment's data sets, results/models/{model}.json
# leaves: results/swapping/{experiment}/{model}.parquet

SWAPPED = tables("swapping")


rule swap_model:
    """Swap activations of {wildcards.model} with its run about changed visuals (Alg. 1): {params.settings}."""
    input:
        unpack(lambda wc: seen(SWAPPING[wc.experiment]["datasets"])),
        questions=lambda wc: map(questions, SWAPPING[wc.experiment]["datasets"]),
        model="results/models/{model}.json",
        code=code_behind("swap_model.py"),
    output:
        table="results/swapping/{experiment}/{model}.parquet",
    log:
        "logs/swap_model/{experiment}/{model}.log",
    benchmark:
        "logs/swap_model/{experiment}/{model}.tsv"
    wildcard_constraints:
        experiment=names(SWAPPING),
    conda:
        "../envs/torch.yaml"
    resources:
        **MODEL_RESOURCES,
    params:
        **MODEL_PARAMS,
        settings=lambda wc: asked("swapping", wc.experiment, wc.model, "min_mass")
        | {"layers": experiment_layers("swapping", wc.experiment, wc.model, "all")},
    script:
        "../scripts/swap_model.py"
