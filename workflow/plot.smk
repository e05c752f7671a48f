# needs:  results/ids/spatial/, results/steering/, results/displacing/, of all models
# leaves: results/figures/{fig2,fig5,fig5-layers,codes,fig6,fig6-paper,fig9,emergence}.{pdf,png,csv}

TRAJECTORY = config["figures"].get("emergence", [])
DRAWN = ["fig2", "fig5", "fig5-layers", "codes", "fig6", "fig6-paper", "fig9", *(["emergence"] if TRAJECTORY else [])]
FIGURE_FILES = expand("results/figures/{figure}.{format}", figure=DRAWN, format=FORMATS)


rule plot_fig2:
    """Figure 2: two nouns exchange their places against each model's own belief, beside controls."""
    input:
        displaced=expand("results/displacing/adversarial/{model}.parquet", model=MODELS),
        code=code_behind("plot_fig2.py"),
    output:
        **figure("fig2", "Figure 2"),
    log:
        "logs/plot_fig2.log",
    benchmark:
        "logs/plot_fig2.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_fig2.py"


rule plot_fig5:
    """Figure 5: spatial IDs and the words of space in the plane of the axes, at {params.panels} layers of each model."""
    input:
        ids=[ids_of("spatial", model) for model in MODELS],
        code=code_behind("plot_fig5.py"),
    output:
        **figure("fig5", "Figure 5"),
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
        **figure("fig5-layers", "Figure 5"),
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


rule plot_fig6:
    """Figure 6: nouns moved by cells along the axes of spatial IDs, answers against the rule, beside the paper's Alg 2."""
    input:
        depths=expand("results/displacing/depths/{model}.parquet", model=MODELS),
        left_right=expand("results/displacing/left-right/{model}.parquet", model=MODELS),
        reference=expand("results/displacing/reference/{model}.parquet", model=MODELS),
        both=expand("results/displacing/both/{model}.parquet", model=MODELS),
        near_far=expand("results/displacing/near-far/{model}.parquet", model=MODELS),
        in_between=expand("results/displacing/in-between/{model}.parquet", model=MODELS),
        steered=expand("results/steering/left-right/{model}.parquet", model=MODELS),
        code=code_behind("plot_fig6.py"),
    output:
        **figure("fig6", "Figure 6"),
    log:
        "logs/plot_fig6.log",
    benchmark:
        "logs/plot_fig6.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_fig6.py"


rule plot_fig6_paper:
    """Supplement to figure 6: the paper's steering (Alg 2) in all its panels, beside controls."""
    input:
        layers=expand("results/steering/layers/{model}.parquet", model=MODELS),
        left_right=expand("results/steering/left-right/{model}.parquet", model=MODELS),
        near_far=expand("results/steering/near-far/{model}.parquet", model=MODELS),
        in_between=expand("results/steering/in-between/{model}.parquet", model=MODELS),
        strengths=expand("results/steering/strengths/{model}.parquet", model=MODELS),
        code=code_behind("plot_fig6_paper.py"),
    output:
        **figure("fig6-paper", "Figure 6"),
    log:
        "logs/plot_fig6_paper.log",
    benchmark:
        "logs/plot_fig6_paper.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_fig6_paper.py"


rule plot_fig9:
    """Figure 9: how far beliefs follow the spatial IDs against how often they are right, a mark per model."""
    input:
        displaced=expand("results/displacing/adversarial/{model}.parquet", model=MODELS),
        models=expand("results/models/{model}.json", model=MODELS),
        code=code_behind("plot_fig9.py"),
    output:
        **figure("fig9", "Figure 9"),
    log:
        "logs/plot_fig9.log",
    benchmark:
        "logs/plot_fig9.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        families=leaf({model: MODELS[model]["family"] for model in MODELS if "family" in MODELS[model]}),
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_fig9.py"


rule plot_codes:
    """Which code is it? The named code of each model's spatial IDs, beside what it was taught."""
    input:
        ids=[ids_of("spatial", model) for model in MODELS],
        code=code_behind("plot_codes.py"),
    output:
        **figure("codes", "Figure 5"),
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


rule plot_emergence:
    """Emergence: accuracy, shape of the IDs and their effects along the checkpoints of one training."""
    input:
        ids=[ids_of("spatial", model) for model in TRAJECTORY],
        displaced=expand("results/displacing/depths/{model}.parquet", model=TRAJECTORY),
        models=expand("results/models/{model}.json", model=TRAJECTORY),
        code=code_behind("plot_emergence.py"),
    output:
        **figure("emergence", "Emergence"),
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
