# Figures of IDs: how they lie, which code they are, how they come about.
# needs:  results/ids/; of emergence also results/displacing/, of all models; results/images-needed/
# leaves: results/figures/NAME.{pdf,png,csv}, NAME of fig5, fig5-layers, codes, images-needed, emergence

TRAJECTORY = config["figures"].get("emergence", [])
FIGURE_FILES += figure_files("fig5", "fig5-layers", "codes", *(["emergence"] if TRAJECTORY else []))
FIGURE_FILES += figure_files("images-needed") if KEPT else []


rule plot_fig5:
    """Figure 5: spatial IDs and the words of space in the plane of the axes, at {params.panels} layers of each model."""
    input:
        ids=[ids_of("spatial", model) for model in MODELS],
        code=code_behind("plot_fig5.py"),
    output:
        **figure("fig5", "Figure 5", "2.2 Spatial IDs"),
    log:
        "logs/plot_fig5.log",
    benchmark:
        "logs/plot_fig5.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        panels=config["figures"]["panels"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_fig5.py"


rule plot_fig5_layers:
    """Supplement to figure 5 (A11, A12): every layer of every model."""
    input:
        ids=[ids_of("spatial", model) for model in MODELS],
        code=code_behind("plot_fig5_layers.py"),
    output:
        **figure("fig5-layers", "Figures A11, A12", "2.2 Spatial IDs"),
    log:
        "logs/plot_fig5_layers.log",
    benchmark:
        "logs/plot_fig5_layers.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_fig5_layers.py"


rule plot_codes:
    """Which code is it? The named code of each model's spatial IDs, beside what it was taught."""
    input:
        ids=[ids_of("spatial", model) for model in MODELS],
        positions=expand("results/positions/{model}.parquet", model=MODELS),
        code=code_behind("plot_codes.py"),
    output:
        **figure("codes", "Which code", "2.2 Spatial IDs"),
    log:
        "logs/plot_codes.log",
    benchmark:
        "logs/plot_codes.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        truths=leaf({model: MODELS[model]["taught"] for model in MODELS if "taught" in MODELS[model]}),
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_codes.py"


rule plot_images_needed:
    """How many images are enough: IDs of parts of the grid beside the whole grid's, of each model that keeps rows."""
    input:
        tables=expand("results/images-needed/{model}.parquet", model=KEPT),
        ids=[ids_of("spatial", model) for model in KEPT],
        code=code_behind("plot_images_needed.py"),
    output:
        **figure("images-needed", "Images needed", "2.2 Spatial IDs"),
    log:
        "logs/plot_images_needed.log",
    benchmark:
        "logs/plot_images_needed.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_images_needed.py"


rule plot_emergence:
    """Emergence: accuracy, shape of the IDs and their effects along the checkpoints of one training."""
    input:
        ids=[ids_of("spatial", model) for model in TRAJECTORY],
        displaced=expand("results/displacing/depths/{model}.parquet", model=TRAJECTORY),
        models=expand("results/models/{model}.json", model=TRAJECTORY),
        code=code_behind("plot_emergence.py"),
    output:
        **figure("emergence", "Emergence", "2.2 Spatial IDs"),
    log:
        "logs/plot_emergence.log",
    benchmark:
        "logs/plot_emergence.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        steps=[f"{MODELS[model]['source']}/checkpoint.json" for model in TRAJECTORY],
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_emergence.py"
