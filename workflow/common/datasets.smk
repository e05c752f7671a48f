"""Data sets: their files, who sees them, the settings of their layouts. No rules."""


def questions(dataset):
    """The table of questions of a data set; its manifest lies beside it."""
    return f"results/stimuli/{dataset}/questions.parquet"


def seen(datasets):
    """What the visuals of some data sets are made of: manifests, sprites where any is composed, folders of scenes.

    Of a folder only that it is there matters: the manifest tells changes.
    """
    layouts = [STIMULI[dataset]["layout"] for dataset in datasets]
    files = {"manifests": [f"results/stimuli/{dataset}/manifest.parquet" for dataset in datasets]}
    if set(layouts) & set(derived.COMPOSED):
        files["sprites"] = "results/sprites/sprites.npz"
    scenes = [dataset for dataset, layout in zip(datasets, layouts) if layout == "scenes"]
    return files | {"images": [ancient(f"results/stimuli/{dataset}/val2017") for dataset in scenes]}


def seeing(*datasets):
    """The models that see all of some data sets: no other one is asked about them."""
    return [model for model in EVERY if derived.sees(EVERY[model], [STIMULI[dataset] for dataset in datasets])]


def laid_out(*layouts):
    """The data sets of some layouts."""
    return [name for name, stanza in STIMULI.items() if stanza["layout"] in layouts]


def read_from(dataset, *ends):
    """The files that tell of a change of a data set of files: the list of what was downloaded, or those of its folder
    whose names end so.
    """
    if dataset in DOWNLOADED:
        return [f"results/stimuli/{dataset}/downloaded.tsv"]
    return sorted(str(path) for end in ends for path in home(STIMULI[dataset]["folder"]).rglob(f"*{end}"))


def download_settings(dataset):
    """What a download takes of a data set's stanza."""
    return leaf({"folder": STIMULI[dataset]["folder"], **STIMULI[dataset]["download"]})


def layout_settings(dataset):
    """The settings of a data set's layout."""
    return leaf({"side": 1} | {key: value for key, value in STIMULI[dataset].items() if key != "layout"})
