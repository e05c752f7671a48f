# needs:  results/stimuli/{dataset}/, results/sprites/sprites.npz, results/models/{model}.json
# leaves: results/activations/{reading}/{model}/layer_{layer}.h5, all layers of a model in one job
# One rule per reading and number of layers, because that decides which files there are. The script is
# cache_activations.py where rows are kept, cache_sums.py where only the sums that the IDs need are. Of a reading with
# `shards`, a rule for each of them leaves results/shards/{reading}/{model}/{shard}/layer_{layer}.h5, and merge_shards
# makes one file a layer of them.


for reading in READINGS:
    for (keep, layers), models in cached_alike(reading).items():
        stage = {"rows": "cache_activations", "sums": "cache_sums"}[keep]
        for shard in range(shards_of(reading)):
            part = f"_{shard}" if shards_of(reading) > 1 else ""

            rule:
                name:
                    f"{stage}_{reading}_{layers}{part}".replace("-", "_")
                input:
                    **seen([READINGS[reading]["dataset"]]),
                    questions=questions(READINGS[reading]["dataset"]),
                    model="results/models/{model}.json",
                    code=code_behind(f"{stage}.py"),
                output:
                    layers=cached_in(reading, layers, shard),
                log:
                    f"logs/{stage}/{reading}/{{model}}{part}.log",
                benchmark:
                    f"logs/{stage}/{reading}/{{model}}{part}.tsv"
                wildcard_constraints:
                    model=names(models),
                conda:
                    "../envs/torch.yaml"
                threads: 1 + config["activations"]["workers"]
                resources:
                    **MODEL_RESOURCES,
                    batch=lambda wc: EVERY[wc.model].get("batch", 16),
                    workers=config["activations"]["workers"],
                    chunk=config["activations"]["chunk"],
                params:
                    stage=stage,
                    reading=reading_settings(reading, keep),
                    share={"shard": shard, "shards": shards_of(reading)},
                    dtype=config["activations"]["dtype"],
                    device=lambda wc, resources: resources.device,
                    batch=lambda wc, resources: resources.batch,
                    workers=lambda wc, resources: resources.workers,
                    chunk=lambda wc, resources: resources.chunk,
                script:
                    "../scripts/{params.stage}.py"


rule merge_shards:
    input:
        shards=lambda wc: shard_files(wc.reading, wc.model, wc.layer),
        manifest=lambda wc: f"results/stimuli/{READINGS[wc.reading]['dataset']}/manifest.parquet",
        questions=lambda wc: questions(READINGS[wc.reading]["dataset"]),
        code=code_behind("merge_shards.py"),
    output:
        "results/activations/{reading}/{model}/layer_{layer}.h5",
    log:
        "logs/merge_shards/{reading}/{model}/{layer}.log",
    benchmark:
        "logs/merge_shards/{reading}/{model}/{layer}.tsv"
    wildcard_constraints:
        reading=names(reading for reading in READINGS if shards_of(reading) > 1),
    conda:
        "../envs/plot.yaml"
    resources:
        chunk=config["activations"]["chunk"],
    params:
        asked=lambda wc: reading_settings(wc.reading, "rows"),
        chunk=lambda wc, resources: resources.chunk,
    script:
        "../scripts/merge_shards.py"
