"""The files that a change of the project of tests/workflow makes anew, by what they show or hold."""

from collections.abc import Iterable


def drawn(*names: str) -> set[str]:
    return {f"results/figures/{name}.{end}" for name in names for end in ("pdf", "png", "csv")}


COMPARED = {
    f"results/figures/paper_vs_ours.{end}" for end in ("csv", "html")
}  # with fig2, figa8, figa10, figa21, tablec1
EXPLORER = {"results/explorer.html"}  # with the figures that it shows
FIG5 = drawn("fig5", "fig5-layers", "codes", "images-needed") | EXPLORER
FIG_A18, FIG_A19, FIG_A20 = drawn("figa18"), drawn("figa19"), drawn("figa20")
FIG_A21 = drawn("figa21") | COMPARED
OF_PARTS = FIG_A18 | FIG_A19 | FIG_A20 | FIG_A21
FIG6, FIG6_PAPER = drawn("fig6") | EXPLORER, drawn("fig6-paper")
FIG7, FIG7_AXES = drawn("fig7"), drawn("fig7-axes")
FIG_A16, TABLE_C1 = drawn("figa16"), drawn("tablec1") | COMPARED
ACROSS = FIG7 | FIG_A16
FIG4, FIGA6_A7, FIGA14_A15 = (drawn(name) | EXPLORER for name in ("fig4", "figa6-a7", "figa14-a15"))
SWAPS = FIG4 | FIGA6_A7 | FIGA14_A15
FIG8, FIGA8, VERDICT = drawn("fig8") | EXPLORER, drawn("figa8") | COMPARED, drawn("verdict") | EXPLORER
DIAGNOSIS = FIG8 | FIGA8 | VERDICT | FIG_A21  # its panel D
FIG2, FIG9 = drawn("fig2") | COMPARED | EXPLORER, drawn("fig9")
EXCHANGED = FIG2 | FIG9
LEARNED = drawn("figa10", "table43") | COMPARED
MOVED = EXCHANGED | FIG6 | FIG6_PAPER | ACROSS | TABLE_C1  # what shows what moving IDs does
PLACED = FIG5 | FIG7_AXES | MOVED | DIAGNOSIS  # what shows IDs and what they do
FIGURES = PLACED | SWAPS | OF_PARTS
OF_RELATION = {"relation-to-nouns", "relation-to-relation"}
EXPERIMENTS = {
    "layers", "left-right", "near-far", "in-between", "strengths", "nouns-to-nouns", "nouns-to-relation", *OF_RELATION,
}  # fmt: skip
FIG6_DISPLACED = {"depths", "left-right", "reference", "both", "near-far", "in-between"}
DISPLACED = FIG6_DISPLACED | {
    "adversarial",
    "above-below-by-row", "front-behind-by-row", "above-below-by-column", "left-right-by-row", "left-right-by-column",
}  # fmt: skip
MIRRORED = {"mirror", "mirror-objects", "background", "recolour", "other-nouns"}
SWAPPED = MIRRORED | {"colour", "colour-places", "neighbours"}
DIAGNOSED = {"wrong", "hard", "easy"}
PER_MODEL = (("models", "json"), ("images-needed", "parquet"))
ASKED_OTHERWISE = ("wording-0", "wording-1", "wording-2", "either")
READINGS = ("grid", "relation", "words", "seen-words", "depths", "sizes", "fine", *ASKED_OTHERWISE)
PARTS = ("pairs", "wordings", "sizes")
ARMS = ("plain", "ids", "shuffled", "random", "places")
SPRITES = "results/sprites/sprites.npz"


def tables(stage: str, models: str, experiments: Iterable[str]) -> set[str]:
    return {f"results/{stage}/{experiment}/{model}.parquet" for experiment in experiments for model in models}


def steered(models: str, experiments: Iterable[str] = EXPERIMENTS) -> set[str]:
    return tables("steering", models, experiments)


def displaced(models: str, experiments: Iterable[str] = DISPLACED) -> set[str]:
    return tables("displacing", models, experiments)


def swapped(models: str, experiments: Iterable[str] = SWAPPED) -> set[str]:
    return tables("swapping", models, experiments)


def diagnosed(models: str, experiments: Iterable[str] = DIAGNOSED) -> set[str]:
    return tables("diagnosing", models, experiments)


def moved(models: str) -> set[str]:
    """Every table of a model that is made with its IDs."""
    return steered(models) | displaced(models) | diagnosed(models)


def finetuned() -> set[str]:
    """What finetuning leaves, which is done to model a, and what shows it."""
    runs = [f"results/finetuning/spatial-ids/{arm}/{run}" for arm in ARMS for run in range(5)]
    return {f"{run}.{end}" for run in runs for end in ("parquet", "safetensors")} | LEARNED


def cached(models: str, readings: tuple[str, ...] = READINGS, count: int = 4) -> set[str]:
    layers = [(reading, model, layer) for reading in readings for model in models for layer in range(count + 1)]
    return {f"results/activations/{reading}/{model}/layer_{layer}.h5" for reading, model, layer in layers}


def ids(models: str, kinds: tuple[str, ...] = ("spatial", "relation", "fine", "depth")) -> set[str]:
    return {f"results/ids/{kind}/{model}.h5" for kind in kinds for model in models}


def parts(models: Iterable[str], names: tuple[str, ...] = PARTS) -> set[str]:
    return {f"results/parts/{name}/{model}.parquet" for name in names for model in models}


def positions(models: Iterable[str]) -> set[str]:
    return {f"results/positions/{model}.parquet" for model in models}


def of_model(models: Iterable[str]) -> set[str]:
    own = {f"results/{folder}/{model}.{end}" for model in models for folder, end in PER_MODEL}
    return own | cached(models) | ids(models) | moved(models) | swapped(models) | parts(models) | positions(models)


def stimuli(*datasets: str) -> set[str]:
    return {f"results/stimuli/{name}/{table}.parquet" for name in datasets for table in ("manifest", "questions")}
