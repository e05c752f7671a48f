# needs:  results/ids/{kind}/{model}.h5, results/stimuli/ of the experiment's data sets, results/models/{model}.json
# leaves: results/steering/{experiment}/{model}.parquet

STEERED = tables("steering")


rule steer_model:
    """Steer {wildcards.model} at layers {params.layers} (Alg. 2), beside four controls: {params.settings}."""
    input:
        unpack(lambda wc: seen(STEERING[wc.experiment]["datasets"])),
        ids=lambda wc: ids_of(STEERING[wc.experiment].get("ids", "spatial"), wc.model),
        questions=lambda wc: map(questions, STEERING[wc.experiment]["datasets"]),
        model="results/models/{model}.json",
        code=code_behind("steer_model.py"),
    output:
        table="results/steering/{experiment}/{model}.parquet",
    log:
        "logs/steer_model/{experiment}/{model}.log",
    benchmark:
        "logs/steer_model/{experiment}/{model}.tsv"
    wildcard_constraints:
        experiment=names(STEERING),
    priority: lambda wc: STEERING[wc.experiment]["items"] * len(STEERING[wc.experiment]["datasets"])  # longest first
    conda:
        "../envs/torch.yaml"
    resources:
        **MODEL_RESOURCES,
    params:
        **MODEL_PARAMS,
        settings=lambda wc: exploring("steering", wc.experiment, wc.model, "draws", "min_mass"),
        layers=lambda wc: experiment_layers("steering", wc.experiment, wc.model, "steering"),
    script:
        "../scripts/steer_model.py"
