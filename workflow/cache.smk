# needs:  results/stimuli/grid/, results/sprites/sprites.npz, each model's files
# leaves: results/activations/{grid,words}/{model}/layer_{layer}.h5, all layers of a model in one job
# One rule per model, because which layers there are depends on the model.

for model in MODELS:

    rule:
        name:
            f"cache_activations_{model}".replace("-", "_")
        input:
            manifest="results/stimuli/grid/manifest.parquet",
            questions="results/stimuli/grid/questions.parquet",
            sprites="results/sprites/sprites.npz",
            model=model_files(model),
            code=code_behind("cache_activations.py"),
        output:
            layers=expand("results/activations/grid/{model}/layer_{layer}.h5", model=model, layer=layers_of(model)),
        log:
            f"logs/cache_activations/{model}.log",
        benchmark:
            f"logs/cache_activations/{model}.tsv"
        conda:
            "../envs/torch.yaml"
        threads: 1 + config["activations"]["workers"]
        resources:
            gpu=on_gpu(model),
            mem_mb=MODELS[model].get("memory_mb", 2000),
            device=MODELS[model].get("device", "cpu"),
            batch=MODELS[model].get("batch", 16),
            workers=config["activations"]["workers"],
            chunk=config["activations"]["chunk"],
        params:
            model=declared(model),
            dtype=config["activations"]["dtype"],
            folder=lambda wc, input: os.path.dirname(input.manifest),
            device=lambda wc, resources: resources.device,
            batch=lambda wc, resources: resources.batch,
            workers=lambda wc, resources: resources.workers,
            chunk=lambda wc, resources: resources.chunk,
        script:
            "../scripts/cache_activations.py"

    rule:
        name:
            f"cache_words_{model}".replace("-", "_")
        input:
            sprites="results/sprites/sprites.npz",
            model=model_files(model),
            code=code_behind("cache_words.py"),
        output:
            layers=expand("results/activations/words/{model}/layer_{layer}.h5", model=model, layer=layers_of(model)),
        log:
            f"logs/cache_words/{model}.log",
        benchmark:
            f"logs/cache_words/{model}.tsv"
        conda:
            "../envs/torch.yaml"
        resources:
            gpu=on_gpu(model),
            mem_mb=MODELS[model].get("memory_mb", 2000),
            device=MODELS[model].get("device", "cpu"),
            batch=MODELS[model].get("batch", 16),
            chunk=config["activations"]["chunk"],
        params:
            model=declared(model),
            dtype=config["activations"]["dtype"],
            device=lambda wc, resources: resources.device,
            batch=lambda wc, resources: resources.batch,
            chunk=lambda wc, resources: resources.chunk,
        script:
            "../scripts/cache_words.py"
