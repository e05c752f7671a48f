"""Checks of the experiments of finetuning that join two keys or look at the disk."""

from collections.abc import Iterator, Mapping

from linmech.config.derived import is_folder, made_here, steered_kinds
from linmech.files import home
from linmech.suggestions import suggest


def finetuning_problems(key: str, experiment: Mapping, config: Mapping) -> Iterator[str]:
    """Each problem of one experiment, as `key ... cure`."""
    models, stimuli = config["models"], config["stimuli"]
    if experiment["model"] not in models:
        cure = "or leave finetuning out with `finetuning: null`"
        yield f"{key}.model is {experiment['model']!r}; {suggest(experiment['model'], models)}, {cure}"
    elif experiment["layer"] > (blocks := models[experiment["model"]]["layers"]):
        yield f"{key}.layer: {experiment['layer']} is above the last layer; use 0 to {blocks}"
    source = experiment.get("source", "")
    if source and is_folder(source) and not made_here(source, config.get("organisms", {})):
        if not (home(source) / "config.json").is_file():
            yield f"{key}.source: {source} holds no config.json; name the folder of a model, or leave the key out"
    for name, dataset in [("grid", experiment["grid"])] + [("tests", each) for each in experiment["tests"]]:
        if dataset not in stimuli:
            yield f"{key}.{name}: {dataset!r} is no data set; {suggest(dataset, stimuli)}"
            return
    if not set(experiment["kinds"]) & set(steered_kinds(stimuli[experiment["grid"]])):
        yield f"{key}.kinds: {experiment['grid']} asks none of them; add one to stimuli.{experiment['grid']}.asks"
    for dataset in experiment["tests"]:
        if not set(experiment["kinds"]) & set(steered_kinds(stimuli[dataset])):
            yield f"{key}.tests: {dataset} asks none of {', '.join(experiment['kinds'])}; name another data set"
    grid = stimuli[experiment["grid"]]
    cells = grid.get("cells", 4) ** 2
    ways = cells * (cells - 1)
    if grid["layout"] != "grid" or grid["placements"] < ways:
        yield f"{key}.grid: {experiment['grid']} is no grid with each pair in all cells; give it {ways} placements"
