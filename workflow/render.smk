# needs:  results/objects/index.tsv
# leaves: results/sprites/sprites.npz, results/stimuli/{dataset}/{manifest,questions}.parquet,
#         of scenes also results/stimuli/{dataset}/{val2017/,annotations/,coco_qa_two_obj.json,coco_qa_depth.json},
#         of photographs and real videos results/stimuli/{dataset}/refused.tsv, results/figures/sheet_{dataset}.png,
#         results/figures/sheet_objects.png,
#         of videos results/films/{dataset}/*.mp4


SHEETS = expand(
    "results/figures/sheet_{dataset}.png",
    dataset=[name for name in STIMULI if name not in laid_out("words") and seeing(name)],
)
OBJECTS = ["results/figures/sheet_objects.png"] if laid_out(*derived.COMPOSED, "scenes") else []
FILMS = expand("results/films/{dataset}", dataset=[name for name in laid_out(*derived.VIDEOS) if seeing(name)])


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
    priority: 1
    conda:
        "../envs/render.yaml"
    params:
        size_px=config["sprites"]["size"],
        views=config["sprites"]["views"],
        elevation=config["sprites"]["elevation"],
    script:
        "../scripts/render_sprites.py"


LAYOUT_CODE = {
    dataset: code_behind(
        "write_manifest.py", f"linmech/stimuli/layouts/{STIMULI[dataset]['layout'].replace('-', '_')}.py"
    )
    for dataset in laid_out(*derived.TABLED)
}


rule write_manifest:
    """Lay out the images of {wildcards.dataset} and ask its questions: {params.settings}."""
    input:
        sprites="results/sprites/sprites.npz",
        code=lambda wc: LAYOUT_CODE[wc.dataset],
    output:
        manifest="results/stimuli/{dataset}/manifest.parquet",
        questions="results/stimuli/{dataset}/questions.parquet",
    log:
        "logs/write_manifest/{dataset}.log",
    benchmark:
        "logs/write_manifest/{dataset}.tsv"
    wildcard_constraints:
        dataset=names(laid_out(*derived.TABLED)),
    priority: 1
    conda:
        "../envs/render.yaml"
    params:
        layout=lambda wc: STIMULI[wc.dataset]["layout"],
        settings=lambda wc: layout_settings(wc.dataset),
        seed=config["seed"],
    script:
        "../scripts/write_manifest.py"


rule write_scenes:
    """Render objects on a ground plane in perspective, in COCO's format: {params.settings}."""
    input:
        index="results/objects/index.tsv",
        code=code_behind("write_scenes.py"),
    output:
        manifest="results/stimuli/{dataset}/manifest.parquet",
        questions="results/stimuli/{dataset}/questions.parquet",
        instances="results/stimuli/{dataset}/annotations/instances_scenes.json",
        captions="results/stimuli/{dataset}/coco_qa_two_obj.json",
        depth="results/stimuli/{dataset}/coco_qa_depth.json",
        images=directory("results/stimuli/{dataset}/val2017"),
    log:
        "logs/write_scenes/{dataset}.log",
    benchmark:
        "logs/write_scenes/{dataset}.tsv"
    wildcard_constraints:
        dataset=names(laid_out("scenes")),
    priority: 1
    conda:
        "../envs/render.yaml"
    params:
        settings=lambda wc: layout_settings(wc.dataset),
        seed=config["seed"],
    script:
        "../scripts/write_scenes.py"


rule read_photographs:
    """Read the photographs and captions of {params.source}, in COCO-Spatial's layout."""
    input:
        files=lambda wc: read_from(wc.dataset, ".json"),
        code=code_behind("read_photographs.py"),
    output:
        manifest="results/stimuli/{dataset}/manifest.parquet",
        questions="results/stimuli/{dataset}/questions.parquet",
        refused="results/stimuli/{dataset}/refused.tsv",
    log:
        "logs/read_photographs/{dataset}.log",
    benchmark:
        "logs/read_photographs/{dataset}.tsv"
    wildcard_constraints:
        dataset=names(laid_out("coco")),
    conda:
        "../envs/render.yaml"
    params:
        source=lambda wc: STIMULI[wc.dataset]["folder"],
    script:
        "../scripts/read_photographs.py"


rule read_videos:
    """Read the videos and scenes of {params.source}, in MVBench's layout."""
    input:
        files=lambda wc: read_from(wc.dataset, ".json", ".mp4"),
        code=code_behind("read_videos.py"),
    output:
        manifest="results/stimuli/{dataset}/manifest.parquet",
        questions="results/stimuli/{dataset}/questions.parquet",
        refused="results/stimuli/{dataset}/refused.tsv",
    log:
        "logs/read_videos/{dataset}.log",
    benchmark:
        "logs/read_videos/{dataset}.tsv"
    wildcard_constraints:
        dataset=names(laid_out("mvbench")),
    conda:
        "../envs/render.yaml"
    params:
        source=lambda wc: STIMULI[wc.dataset]["folder"],
        frames=lambda wc: STIMULI[wc.dataset].get("frames", 8),
    script:
        "../scripts/read_videos.py"


rule export_films:
    """Some videos of {wildcards.dataset}: a sheet of film strips with their questions, and MP4s of the same."""
    input:
        unpack(lambda wc: seen([wc.dataset])),
        questions="results/stimuli/{dataset}/questions.parquet",
        code=code_behind("export_films.py"),
    output:
        sheet="results/figures/sheet_{dataset}.png",
        films=directory("results/films/{dataset}"),
    log:
        "logs/export_films/{dataset}.log",
    benchmark:
        "logs/export_films/{dataset}.tsv"
    wildcard_constraints:
        dataset=names(laid_out(*derived.VIDEOS)),
    conda:
        "../envs/render.yaml"
    params:
        columns=config["figures"]["sheet"]["columns"],
        rows=config["figures"]["sheet"]["rows"],
    script:
        "../scripts/export_films.py"


rule export_objects:
    """Show all objects by name on one sheet, as they are rendered."""
    input:
        sprites="results/sprites/sprites.npz",
        code=code_behind("export_objects.py"),
    output:
        "results/figures/sheet_objects.png",
    log:
        "logs/export_objects.log",
    benchmark:
        "logs/export_objects.tsv"
    conda:
        "../envs/render.yaml"
    script:
        "../scripts/export_objects.py"


rule export_sheet:
    """Show some images of {wildcards.dataset} and their questions on one sheet."""
    input:
        unpack(lambda wc: seen([wc.dataset])),
        questions="results/stimuli/{dataset}/questions.parquet",
        code=code_behind("export_sheet.py"),
    output:
        sheet="results/figures/sheet_{dataset}.png",
    log:
        "logs/export_sheet/{dataset}.log",
    benchmark:
        "logs/export_sheet/{dataset}.tsv"
    wildcard_constraints:
        dataset=names([name for name in STIMULI if name not in laid_out(*derived.VIDEOS)]),
    conda:
        "../envs/render.yaml"
    params:
        columns=config["figures"]["sheet"]["columns"],
        rows=config["figures"]["sheet"]["rows"],
    script:
        "../scripts/export_sheet.py"
