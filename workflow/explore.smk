# The explorer: one page on which people look through what the figures show.
# needs:  results/figures/NAME.csv of the figures whose experiments are configured, results/ids/spatial/,
#         results/diagnosing/hard/ and its data sets, of all models
# leaves: results/explorer.html

EXPLORABLE = {  # figures, and the experiments that they show
    "fig5-layers": {},
    "codes": {},
    "fig2": {"displacing": {"adversarial"}},
    "fig4": {"swapping": {"mirror", "mirror-objects", "background", "recolour", "other-nouns"}},
    "figa6-a7": {"swapping": {"colour", "colour-places"}},
    "figa14-a15": {"swapping": {"neighbours"}},
    "fig6": {
        "displacing": {"depths", "left-right", "reference", "both", "near-far", "in-between"},
        "steering": {"left-right"},
    },
    "fig8": {"diagnosing": {"wrong"}},
    "verdict": {"diagnosing": {"easy"}},
}
SAMPLED = DIAGNOSING["hard"]["datasets"] if "hard" in DIAGNOSING else []
FIGURE_FILES += ["results/explorer.html"] if MODELS else []


def explorable():
    """The csv of each figure that the explorer shows, by its name as an input's."""
    shown = [
        name
        for name, asked in EXPLORABLE.items()
        if all(experiments <= set(config[stage]["experiments"]) for stage, experiments in asked.items())
    ]
    shown += ["emergence"] if TRAJECTORY else []
    return {name.replace("-", "_"): f"results/figures/{name}.csv" for name in shown}


rule make_explorer:
    """The explorer: one page of what the figures of all models show, to look through."""
    input:
        **explorable(),
        **(seen(SAMPLED) if SAMPLED else {}),
        ids=[ids_of("spatial", model) for model in MODELS],
        diagnosed=expand("results/diagnosing/hard/{model}.parquet", model=MODELS) if SAMPLED else [],
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
