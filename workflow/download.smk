# needs:  nothing, or the meshes of your own folder, or the network (objaverse)
# leaves: results/objects/index.tsv, results/objects/meshes/ (builtin), resources/objects/objaverse/ (objaverse)


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
    conda:
        "../envs/render.yaml"
    params:
        source=config["objects"]["source"],
        nouns=leaf(config["objects"].get("nouns", [])),
        folder=config["objects"].get("folder", ""),
        objaverse=leaf(objaverse_settings(config["objects"])),
    script:
        "../scripts/collect_objects.py"
