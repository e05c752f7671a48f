# needs:  results/ids/, results/steering/, results/displacing/, results/swapping/, results/diagnosing/, of all models
# leaves: results/figures/NAME.{pdf,png,csv}, NAME one of DRAWN

TRAJECTORY = config["figures"].get("emergence", [])
DRAWN = ["fig5", "fig5-layers", "codes", *(["emergence"] if TRAJECTORY else [])]
DRAWN += ["fig2", "fig6", "fig6-paper", "fig7", "figa16", "tablec1"]
DRAWN += ["fig4", "figa6-a7", "figa14-a15", "fig8", "figa8", "verdict"]
FIGURE_FILES = expand("results/figures/{figure}.{format}", figure=DRAWN, format=FORMATS)


rule plot_fig4:
    """Figure 4: residuals swapped with the run about a mirrored or otherwise changed picture, by layer and tokens."""
    input:
        mirror=expand("results/swapping/mirror/{model}.parquet", model=MODELS),
        mirror_objects=expand("results/swapping/mirror-objects/{model}.parquet", model=MODELS),
        background=expand("results/swapping/background/{model}.parquet", model=MODELS),
        recolour=expand("results/swapping/recolour/{model}.parquet", model=MODELS),
        other_nouns=expand("results/swapping/other-nouns/{model}.parquet", model=MODELS),
        code=code_behind("plot_fig4.py"),
    output:
        **figure("fig4", "Figure 4"),
    log:
        "logs/plot_fig4.log",
    benchmark:
        "logs/plot_fig4.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_fig4.py"


rule plot_figa6_a7:
    """Figures A6 and A7: the same for exchanged colours, asked for colours and for places."""
    input:
        colour=expand("results/swapping/colour/{model}.parquet", model=MODELS),
        colour_places=expand("results/swapping/colour-places/{model}.parquet", model=MODELS),
        code=code_behind("plot_figa6_a7.py"),
    output:
        **figure("figa6-a7", "Figure 4"),
    log:
        "logs/plot_figa6_a7.log",
    benchmark:
        "logs/plot_figa6_a7.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_figa6_a7.py"


rule plot_figa14_a15:
    """Figures A14 and A15: the same for the tokens beside the nouns, and for as many others."""
    input:
        neighbours=expand("results/swapping/neighbours/{model}.parquet", model=MODELS),
        code=code_behind("plot_figa14_a15.py"),
    output:
        **figure("figa14-a15", "Figure 4"),
    log:
        "logs/plot_figa14_a15.log",
    benchmark:
        "logs/plot_figa14_a15.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_figa14_a15.py"


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


rule plot_fig7:
    """Figure 7: nouns moved in height; above/below and front/behind asked of the same scenes."""
    input:
        above_below_by_row=expand("results/displacing/above-below-by-row/{model}.parquet", model=MODELS),
        front_behind_by_row=expand("results/displacing/front-behind-by-row/{model}.parquet", model=MODELS),
        depths=expand("results/displacing/depths/{model}.parquet", model=MODELS),
        ids=[ids_of("spatial", model) for model in MODELS],
        code=code_behind("plot_fig7.py"),
    output:
        **figure("fig7", "Figure 7"),
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


rule plot_tablec1:
    """Table C1: IDs read at nouns or at relation words, added at nouns or at relation words."""
    input:
        relation_to_relation=expand("results/steering/relation-to-relation/{model}.parquet", model=MODELS),
        relation_to_nouns=expand("results/steering/relation-to-nouns/{model}.parquet", model=MODELS),
        nouns_to_nouns=expand("results/steering/nouns-to-nouns/{model}.parquet", model=MODELS),
        nouns_to_relation=expand("results/steering/nouns-to-relation/{model}.parquet", model=MODELS),
        code=code_behind("plot_tablec1.py"),
    output:
        **figure("tablec1", "Table C1"),
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
        **figure("figa16", "Figure A16"),
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


rule plot_fig2:
    """Figure 2: the two nouns exchange places against the model's belief; the answers that turn, by dose."""
    input:
        tables=expand("results/displacing/exchange/{model}.parquet", model=MODELS),
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


rule plot_fig8:
    """Figure 8: what wrong answers have in common: the places that nouns are bound to, and where masks matter."""
    input:
        tables=expand("results/diagnosing/wrong/{model}.parquet", model=MODELS),
        code=code_behind("plot_fig8.py"),
    output:
        **figure("fig8", "Figure 8"),
    log:
        "logs/plot_fig8.log",
    benchmark:
        "logs/plot_fig8.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_fig8.py"


rule plot_figa8:
    """Figure A8: right answers when true places, or others, are put into the nouns at each layer."""
    input:
        tables=expand("results/diagnosing/hard/{model}.parquet", model=MODELS),
        code=code_behind("plot_figa8.py"),
    output:
        **figure("figa8", "Figure 8"),
    log:
        "logs/plot_figa8.log",
    benchmark:
        "logs/plot_figa8.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_figa8.py"


rule plot_verdict:
    """The verdict: which part of each model fails, beside what is planted in it."""
    input:
        tables=expand("results/diagnosing/easy/{model}.parquet", model=MODELS),
        code=code_behind("plot_verdict.py"),
    output:
        **figure("verdict", "Figure 8"),
    log:
        "logs/plot_verdict.log",
    benchmark:
        "logs/plot_verdict.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        truths=planted(),
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_verdict.py"


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
