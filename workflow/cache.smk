# needs:  results/stimuli/{dataset}/, results/sprites/sprites.npz, results/models/{model}.json
# leaves: results/activations/{reading}/{model}/layer_{layer}.h5, all layers of a model in one job
# One rule per model and reading, because which layers there are depends on the model. The script is cache_activations.py
# where rows are kept, cache_sums.py where only the sums that the IDs need are.


for reading in READINGS:
    for model in seeing(READINGS[reading]["dataset"]):
        keep = derived.keeps(EVERY[model], reading, config)
        stage = {"rows": "cache_activations", "sums": "cache_sums"}[keep]

        rule:
            name:
                f"{stage}_{reading}_{model}".replace("-", "_")
            input:
                **seen([READINGS[reading]["dataset"]]),
                questions=questions(READINGS[reading]["dataset"]),
                model=f"results/models/{model}.json",
                code=code_behind(f"{stage}.py"),
            output:
                layers=expand(
                    "results/activations/{reading}/{model}/layer_{layer}.h5",
                    reading=reading,
                    model=model,
                    layer=layers_of(model),
                ),
            log:
                f"logs/{stage}/{reading}/{model}.log",
            benchmark:
                f"logs/{stage}/{reading}/{model}.tsv"
            conda:
                "../envs/torch.yaml"
            threads: 1 + config["activations"]["workers"]
            resources:
                gpu=on_gpu(model),
                mem_mb=EVERY[model].get("memory_mb", 2000),
                device=EVERY[model].get("device", "cpu"),
                batch=EVERY[model].get("batch", 16),
                workers=config["activations"]["workers"],
                chunk=config["activations"]["chunk"],
            params:
                stage=stage,
                reading=reading_settings(reading, keep),
                dtype=config["activations"]["dtype"],
                device=lambda wc, resources: resources.device,
                batch=lambda wc, resources: resources.batch,
                workers=lambda wc, resources: resources.workers,
                chunk=lambda wc, resources: resources.chunk,
            script:
                "../scripts/{params.stage}.py"
