# needs:  nothing, or the meshes of your own folder, or the network (objaverse, photographs, videos, models of the Hub)
# leaves: results/objects/index.tsv, results/objects/meshes/ (builtin), resources/objects/objaverse/ (objaverse),
#         the folder of photographs or videos, results/stimuli/{dataset}/downloaded.tsv, results/models/{model}.json


rule collect_objects:
    """Collect one mesh per noun from {params.source}."""
    input:
        meshes=own_meshes(config["objects"]),
        code=code_behind("collect_objects.py"),
    output:
        **object_files(config["objects"]),
    log:
        "logs/collect_objects.log",
    benchmark:
        "logs/collect_objects.tsv"
    priority: 1  # as all that makes stimuli: what needs a model waits for torch meanwhile
    conda:
        "../envs/render.yaml"
    params:
        source=config["objects"]["source"],
        nouns=config["objects"].get("nouns", []),
        folder=config["objects"].get("folder", ""),
        listed=listed_meshes(config["objects"]),
        objaverse=leaf(objaverse_settings(config["objects"])),
    script:
        "../scripts/collect_objects.py"


rule download_photographs:
    """Download what is not there yet of COCO-Spatial into {params.settings[folder]}, and list it with its hashes."""
    input:
        code=code_behind("download_photographs.py"),
    output:
        files="results/stimuli/{dataset}/downloaded.tsv",
    log:
        "logs/download_photographs/{dataset}.log",
    benchmark:
        "logs/download_photographs/{dataset}.tsv"
    wildcard_constraints:
        dataset=names([name for name in laid_out("coco") if name in DOWNLOADED]),
    conda:
        "../envs/render.yaml"
    params:
        settings=lambda wc: download_settings(wc.dataset),
    script:
        "../scripts/download_photographs.py"


rule download_videos:
    """Download what is not there yet of MVBench's scene transitions into {params.settings[folder]}, and list it."""
    input:
        code=code_behind("download_videos.py"),
    output:
        files="results/stimuli/{dataset}/downloaded.tsv",
    log:
        "logs/download_videos/{dataset}.log",
    benchmark:
        "logs/download_videos/{dataset}.tsv"
    wildcard_constraints:
        dataset=names([name for name in laid_out("mvbench") if name in DOWNLOADED]),
    conda:
        "../envs/render.yaml"
    params:
        settings=lambda wc: download_settings(wc.dataset),
    script:
        "../scripts/download_videos.py"


rule identify_model:
    """Hash the files of {wildcards.model}, once: {params.model}."""
    input:
        files=lambda wc: model_files(wc.model),
        code=code_behind("identify_model.py"),
    output:
        model="results/models/{model}.json",
    log:
        "logs/identify_model/{model}.log",
    benchmark:
        "logs/identify_model/{model}.tsv"
    conda:
        "../envs/torch.yaml"
    params:
        model=lambda wc: declared(wc.model),
    script:
        "../scripts/identify_model.py"
