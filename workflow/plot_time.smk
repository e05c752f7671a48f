# Figures of time.
# needs:  results/swapping/, results/displacing/, results/steering/, results/ids/, of all models of videos
# leaves: results/figures/NAME.{pdf,png,csv}, NAME of fig10, figa13, figa17

FIGURE_FILES += figure_files("fig10", "figa13", "figa17") if VIDEO_MODELS else []


rule plot_fig10:
    """Figure 10: residuals swapped with the reversed video's run, temporal IDs, and what moving them does."""
    input:
        reverse_frames=expand("results/swapping/reverse-frames/{model}.parquet", model=VIDEO_MODELS),
        mirror_frames=expand("results/swapping/mirror-frames/{model}.parquet", model=VIDEO_MODELS),
        recolour_frames=expand("results/swapping/recolour-frames/{model}.parquet", model=VIDEO_MODELS),
        time_depths=expand("results/displacing/time-depths/{model}.parquet", model=VIDEO_MODELS),
        before_after=expand("results/displacing/before-after/{model}.parquet", model=VIDEO_MODELS),
        before_after_reference=expand("results/displacing/before-after-reference/{model}.parquet", model=VIDEO_MODELS),
        before_after_both=expand("results/displacing/before-after-both/{model}.parquet", model=VIDEO_MODELS),
        steered=expand("results/steering/before-after/{model}.parquet", model=VIDEO_MODELS),
        ids=[ids_of("temporal", model) for model in VIDEO_MODELS],
        code=code_behind("plot_fig10.py"),
    output:
        **figure("fig10", "Figure 10", "5 Temporal IDs"),
    log:
        "logs/plot_fig10.log",
    benchmark:
        "logs/plot_fig10.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        layers=config["figures"]["panels"],
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_fig10.py"


rule plot_figa13:
    """Figure A13: temporal IDs at every layer of every model of videos."""
    input:
        ids=[ids_of("temporal", model) for model in VIDEO_MODELS],
        code=code_behind("plot_figa13.py"),
    output:
        **figure("figa13", "Figure A13", "5 Temporal IDs"),
    log:
        "logs/plot_figa13.log",
    benchmark:
        "logs/plot_figa13.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_figa13.py"


rule plot_figa17:
    """Figure A17: IDs of place and frame together, the axis of time against the axis of space."""
    input:
        ids=[ids_of("space-time", model) for model in VIDEO_MODELS],
        code=code_behind("plot_figa17.py"),
    output:
        **figure("figa17", "Figure A17", "5 Temporal IDs"),
    log:
        "logs/plot_figa17.log",
    benchmark:
        "logs/plot_figa17.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        panels=config["figures"]["panels"],
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_figa17.py"
