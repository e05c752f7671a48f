# Figures of what moving IDs does.
# needs:  results/displacing/, results/steering/, results/ids/, of all models
# leaves: results/figures/NAME.{pdf,png,csv}, NAME of fig2, fig6, fig6-paper, fig7, fig7-axes, fig9, figa16, tablec1

FIGURE_FILES += figure_files("fig2", "fig6", "fig6-paper", "fig7", "fig7-axes", "fig9", "figa16", "tablec1")


rule plot_fig2:
    """Figure 2: two nouns exchange their places against each model's own belief, beside controls."""
    input:
        displaced=expand("results/displacing/adversarial/{model}.parquet", model=MODELS),
        code=code_behind("plot_fig2.py"),
    output:
        **figure("fig2", "Figure 2", "3 Spatial IDs mediate beliefs"),
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
        **figure("fig6", "Figure 6", "3 Spatial IDs mediate beliefs"),
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
        **figure("fig6-paper", "Figure 6, Alg. 2", "3 Spatial IDs mediate beliefs"),
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


rule plot_fig7:
    """Figure 7: nouns moved in height; above/below and front/behind asked of the same scenes."""
    input:
        above_below_by_row=expand("results/displacing/above-below-by-row/{model}.parquet", model=MODELS),
        front_behind_by_row=expand("results/displacing/front-behind-by-row/{model}.parquet", model=MODELS),
        depths=expand("results/displacing/depths/{model}.parquet", model=MODELS),
        ids=[ids_of("spatial", model) for model in MODELS],
        code=code_behind("plot_fig7.py"),
    output:
        **figure("fig7", "Figure 7", "4.1 Depth"),
    log:
        "logs/plot_fig7.log",
    benchmark:
        "logs/plot_fig7.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        rhos=leaf(derived.known_rhos(config)),
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_fig7.py"


rule plot_fig7_axes:
    """Figure 7, the axis of depth: IDs of height and depth of scenes, and how depth lies to the vertical axis."""
    input:
        ids=[ids_of("depth", model) for model in MODELS],
        grids=[ids_of("spatial", model) for model in MODELS],
        code=code_behind("plot_fig7_axes.py"),
    output:
        **figure("fig7-axes", "Figure 7, the axis of depth", "4.1 Depth"),
    log:
        "logs/plot_fig7_axes.log",
    benchmark:
        "logs/plot_fig7_axes.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        panels=config["figures"]["panels"],
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_fig7_axes.py"


rule plot_fig9:
    """Figure 9: how far beliefs follow the spatial IDs against how often they are right, a mark per model."""
    input:
        displaced=expand("results/displacing/adversarial/{model}.parquet", model=MODELS),
        models=expand("results/models/{model}.json", model=MODELS),
        code=code_behind("plot_fig9.py"),
    output:
        **figure("fig9", "Figure 9", "4.3 A learning signal"),
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


rule plot_figa16:
    """Figure A16: what either axis of the IDs does to left/right and to above/below."""
    input:
        left_right_by_column=expand("results/displacing/left-right-by-column/{model}.parquet", model=MODELS),
        left_right_by_row=expand("results/displacing/left-right-by-row/{model}.parquet", model=MODELS),
        above_below_by_row=expand("results/displacing/above-below-by-row/{model}.parquet", model=MODELS),
        above_below_by_column=expand("results/displacing/above-below-by-column/{model}.parquet", model=MODELS),
        depths=expand("results/displacing/depths/{model}.parquet", model=MODELS),
        code=code_behind("plot_figa16.py"),
    output:
        **figure("figa16", "Figure A16", "3 Spatial IDs mediate beliefs"),
    log:
        "logs/plot_figa16.log",
    benchmark:
        "logs/plot_figa16.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_figa16.py"


rule plot_tablec1:
    """Table C1: IDs read at nouns or at relation words, added at nouns or at relation words."""
    input:
        relation_to_relation=expand("results/steering/relation-to-relation/{model}.parquet", model=MODELS),
        relation_to_nouns=expand("results/steering/relation-to-nouns/{model}.parquet", model=MODELS),
        nouns_to_nouns=expand("results/steering/nouns-to-nouns/{model}.parquet", model=MODELS),
        nouns_to_relation=expand("results/steering/nouns-to-relation/{model}.parquet", model=MODELS),
        code=code_behind("plot_tablec1.py"),
    output:
        **figure("tablec1", "Table C1", "3 Spatial IDs mediate beliefs"),
    log:
        "logs/plot_tablec1.log",
    benchmark:
        "logs/plot_tablec1.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_tablec1.py"
