# Figures of what swapping residuals does.
# needs:  results/swapping/, of all models
# leaves: results/figures/NAME.{pdf,png,csv}, NAME of fig4, figa6-a7, figa14-a15

FIGURE_FILES += figure_files("fig4", "figa6-a7", "figa14-a15")


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
        **figure("fig4", "Figure 4", "2.1 Information flow"),
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
        **figure("figa6-a7", "Figures A6, A7", "2.1 Information flow"),
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
        **figure("figa14-a15", "Figures A14, A15", "2.1 Information flow"),
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
