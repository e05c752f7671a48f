# needs:  results/ids/spatial/{model}/, results/stimuli/ of the experiment's data sets, each model's files
# leaves: results/steering/{experiment}/{model}.parquet

STEERED = expand("results/steering/{experiment}/{model}.parquet", experiment=EXPERIMENTS, model=MODELS)


rule steer_model:
    """Steer {wildcards.model} with strengths {params.strengths} (Alg. 2), beside four controls."""
    input:
        ids=lambda wc: ids_of(wc.model, steered_layers(wc.experiment, wc.model)),
        manifests=lambda wc: tables("manifest", EXPERIMENTS[wc.experiment]["datasets"]),
        questions=lambda wc: tables("questions", EXPERIMENTS[wc.experiment]["datasets"]),
        images=lambda wc: images(EXPERIMENTS[wc.experiment]["datasets"]),
        sprites="results/sprites/sprites.npz",
        model=lambda wc: model_files(wc.model),
        code=code_behind("steer_model.py"),
    output:
        table="results/steering/{experiment}/{model}.parquet",
    log:
        "logs/steer_model/{experiment}/{model}.log",
    benchmark:
        "logs/steer_model/{experiment}/{model}.tsv"
    priority: lambda wc: EXPERIMENTS[wc.experiment]["items"] * len(EXPERIMENTS[wc.experiment]["datasets"])  # longest first
    conda:
        "../envs/torch.yaml"
    resources:
        gpu=lambda wc: on_gpu(wc.model),
        mem_mb=lambda wc: MODELS[wc.model].get("memory_mb", 2000),
        device=lambda wc: MODELS[wc.model].get("device", "cpu"),
    params:
        model=lambda wc: declared(wc.model),
        experiment=lambda wc: wc.experiment,
        n_items=lambda wc: EXPERIMENTS[wc.experiment]["items"],
        strengths=lambda wc: strengths_of(wc.experiment),
        draws=config["steering"]["draws"],
        min_mass=config["steering"]["min_mass"],
        seed=config["seed"],
        device=lambda wc, resources: resources.device,
    script:
        "../scripts/steer_model.py"
