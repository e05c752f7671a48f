# needs:  results/ids/{kind}/{model}.h5, results/stimuli/ of the experiment's data sets, results/models/{model}.json
# leaves: results/displacing/{experiment}/{model}.parquet

DISPLACED = tables("displacing")


rule displace_model:
    """Move nouns of {wildcards.model} by so many cells at layers {params.layers}: {params.settings}."""
    input:
        unpack(lambda wc: seen(DISPLACING[wc.experiment]["datasets"])),
        ids=lambda wc: ids_of(DISPLACING[wc.experiment].get("ids", "spatial"), wc.model),
        questions=lambda wc: map(questions, DISPLACING[wc.experiment]["datasets"]),
        model="results/models/{model}.json",
        code=code_behind("displace_model.py"),
    output:
        table="results/displacing/{experiment}/{model}.parquet",
    log:
        "logs/displace_model/{experiment}/{model}.log",
    benchmark:
        "logs/displace_model/{experiment}/{model}.tsv"
    wildcard_constraints:
        experiment=names(DISPLACING),
    priority: lambda wc: DISPLACING[wc.experiment]["items"] * len(DISPLACING[wc.experiment]["datasets"])  # longest first
    conda:
        "../envs/torch.yaml"
    resources:
        **MODEL_RESOURCES,
    params:
        **MODEL_PARAMS,
        settings=lambda wc: exploring("displacing", wc.experiment, wc.model, "draws", "min_mass"),
        layers=lambda wc: experiment_layers("displacing", wc.experiment, wc.model, "steering"),
    script:
        "../scripts/displace_model.py"
