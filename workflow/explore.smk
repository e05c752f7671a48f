# The explorer: one page on which people look through what the figures show.
# needs:  results/figures/NAME.csv of EXPLORED_FIGURES, results/ids/spatial/, results/diagnosing/hard/ and its data sets,
#         of all models
# leaves: results/explorer.html

EXPLORED_FIGURES = ["fig5-layers", "codes", "fig2", "fig4", "figa6-a7", "figa14-a15", "fig6", "fig8", "verdict"]
EXPLORED_FIGURES += ["fig10", "figa13"] if VIDEO_MODELS else []
EXPLORED_FIGURES += ["emergence"] if TRAJECTORY else []
SAMPLED = DIAGNOSING["hard"]["datasets"]
FIGURE_FILES += ["results/explorer.html"] if MODELS else []


rule make_explorer:
    """The explorer: one page of what the figures of all models show, to look through."""
    input:
        **{name.replace("-", "_"): f"results/figures/{name}.csv" for name in EXPLORED_FIGURES},
        **seen(SAMPLED),
        ids=[ids_of("spatial", model) for model in MODELS],
        diagnosed=expand("results/diagnosing/hard/{model}.parquet", model=MODELS),
        questions=[questions(dataset) for dataset in SAMPLED],
        page=[str(path) for path in sorted(Path(SCRIPTS, "linmech/explorer/page").iterdir())],
        code=code_behind("make_explorer.py"),
    output:
        page="results/explorer.html",
    log:
        "logs/make_explorer.log",
    benchmark:
        "logs/make_explorer.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        configs=[os.path.relpath(path) for path in workflow.overwrite_configfiles],
    script:
        "../scripts/make_explorer.py"
