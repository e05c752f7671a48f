# needs:  results/objects/index.tsv
# leaves: results/sprites/sprites.npz, results/stimuli/{dataset}/{manifest,questions}.parquet,
#         results/stimuli/scenes/{val2017/,annotations/,coco_qa_two_obj.json,coco_qa_depth.json}, results/figures/sheet_{dataset}.png

SHEETS = expand("results/figures/sheet_{dataset}.png", dataset=DATASETS)


rule render_sprites:
    """Render each object from {params.views} sides to RGBA sprites with a long side of {params.size_px} px."""
    input:
        index="results/objects/index.tsv",
        code=code_behind("render_sprites.py"),
    output:
        sprites="results/sprites/sprites.npz",
    log:
        "logs/render_sprites.log",
    benchmark:
        "logs/render_sprites.tsv"
    conda:
        "../envs/render.yaml"
    params:
        size_px=config["sprites"]["size"],
        views=config["sprites"]["views"],
        elevation=config["sprites"]["elevation"],
    script:
        "../scripts/render_sprites.py"


rule write_manifest:
    """Lay out the images of {wildcards.dataset} and ask its questions: {params.settings}."""
    input:
        sprites="results/sprites/sprites.npz",
        code=code_behind("write_manifest.py"),
    output:
        manifest="results/stimuli/{dataset}/manifest.parquet",
        questions="results/stimuli/{dataset}/questions.parquet",
    log:
        "logs/write_manifest/{dataset}.log",
    benchmark:
        "logs/write_manifest/{dataset}.tsv"
    wildcard_constraints:
        dataset="|".join(COMPOSED),
    conda:
        "../envs/render.yaml"
    params:
        folder=lambda wc, output: os.path.dirname(output.manifest),
        settings=lambda wc: leaf(layout_settings(wc.dataset)),
        cell=config["stimuli"]["cell"],
        seed=config["seed"],
    script:
        "../scripts/write_manifest.py"


rule write_scenes:
    """Render objects on a ground plane in perspective, as many questions as {params.settings} says, in COCO's format."""
    input:
        index="results/objects/index.tsv",
        code=code_behind("write_scenes.py"),
    output:
        manifest="results/stimuli/scenes/manifest.parquet",
        questions="results/stimuli/scenes/questions.parquet",
        instances="results/stimuli/scenes/annotations/instances_scenes.json",
        captions="results/stimuli/scenes/coco_qa_two_obj.json",
        depth="results/stimuli/scenes/coco_qa_depth.json",
        images=directory("results/stimuli/scenes/val2017"),
    log:
        "logs/write_scenes.log",
    benchmark:
        "logs/write_scenes.tsv"
    conda:
        "../envs/render.yaml"
    params:
        settings=leaf(config["stimuli"]["scenes"]),
        size_px=4 * config["stimuli"]["cell"],
        seed=config["seed"],
    script:
        "../scripts/write_scenes.py"


rule export_sheet:
    """Show some images of {wildcards.dataset} and their questions on one sheet."""
    input:
        manifest="results/stimuli/{dataset}/manifest.parquet",
        questions="results/stimuli/{dataset}/questions.parquet",
        images=lambda wc: images([wc.dataset]),
        sprites="results/sprites/sprites.npz",
        code=code_behind("export_sheet.py"),
    output:
        sheet="results/figures/sheet_{dataset}.png",
    log:
        "logs/export_sheet/{dataset}.log",
    benchmark:
        "logs/export_sheet/{dataset}.tsv"
    conda:
        "../envs/render.yaml"
    params:
        columns=config["figures"]["sheet"]["columns"],
        rows=config["figures"]["sheet"]["rows"],
    script:
        "../scripts/export_sheet.py"
