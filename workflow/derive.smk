# needs:  results/activations/{reading}/{model}/layer_{layer}.h5, the questions of the reading's data set
# leaves: results/ids/{kind}/{model}.h5, all layers of a model in one file, results/images-needed/{model}.parquet
#         results/parts/{pairs,wordings,sizes}/{model}.parquet, results/positions/{model}.parquet

GRID = KINDS["spatial"]["reading"]
KEPT = [model for model in MODELS if derived.keeps(MODELS[model], GRID, config) == "rows"]
IDS = [ids_of(kind, model) for kind in KINDS for model in seeing(READINGS[KINDS[kind]["reading"]]["dataset"])]


rule derive_ids:
    """Derive {wildcards.kind} IDs over {params.coordinates} ({params.estimator}) of {wildcards.model} (Eqs 2-5)."""
    input:
        activations=lambda wc: layer_files(KINDS[wc.kind]["reading"], wc.model),
        words=lambda wc: sum((layer_files(reading, wc.model) for reading in KINDS[wc.kind].get("words", [])), []),
        questions=lambda wc: questions(READINGS[KINDS[wc.kind]["reading"]]["dataset"]),
        code=code_behind("derive_ids.py"),
    output:
        ids="results/ids/{kind}/{model}.h5",
    log:
        "logs/derive_ids/{kind}/{model}.log",
    benchmark:
        "logs/derive_ids/{kind}/{model}.tsv"
    conda:
        "../envs/torch.yaml"
    params:
        coordinates=lambda wc: KINDS[wc.kind]["coordinates"],
        words=lambda wc: KINDS[wc.kind].get("words", []),
        held_out=config["ids"]["held_out"],
        seed=config["seed"],
        estimator=config["ids"]["estimator"],
    script:
        "../scripts/derive_ids.py"


rule count_images:
    """Compare the spatial IDs of parts of the grid with the whole grid's, of {wildcards.model}: {params.counts} images."""
    input:
        activations=lambda wc: layer_files(GRID, wc.model),
        questions=questions(READINGS[GRID]["dataset"]),
        code=code_behind("count_images.py"),
    output:
        table="results/images-needed/{model}.parquet",
    log:
        "logs/count_images/{model}.log",
    benchmark:
        "logs/count_images/{model}.tsv"
    conda:
        "../envs/torch.yaml"
    params:
        counts=config["ids"]["images_needed"]["counts"],
        draws=config["ids"]["images_needed"]["draws"],
        coordinates=KINDS["spatial"]["coordinates"],
        seed=config["seed"],
        estimator=config["ids"]["estimator"],
    script:
        "../scripts/count_images.py"


WHOLE = READINGS[PARTS["pairs"]["readings"][0]]["dataset"]


rule derive_from_pairs:
    """Derive IDs of {wildcards.model} from fewer and fewer pairs of nouns (Fig A18)."""
    input:
        activations=lambda wc: layer_files(PARTS["pairs"]["readings"][0], wc.model),
        questions=questions(WHOLE),
        code=code_behind("derive_from_pairs.py"),
    output:
        "results/parts/pairs/{model}.parquet",
    log:
        "logs/derive_from_pairs/{model}.log",
    benchmark:
        "logs/derive_from_pairs/{model}.tsv"
    conda:
        "../envs/torch.yaml"
    params:
        seed=config["seed"],
    script:
        "../scripts/derive_from_pairs.py"


rule derive_from_parts:
    """Derive IDs of {wildcards.model} from {wildcards.parts} and compare them (Figs A19, A20)."""
    input:
        activations=lambda wc: sum((layer_files(each, wc.model) for each in PARTS[wc.parts]["readings"]), []),
        questions=lambda wc: questions(READINGS[PARTS[wc.parts]["readings"][0]]["dataset"]),
        code=code_behind("derive_from_parts.py"),
    output:
        "results/parts/{parts}/{model}.parquet",
    log:
        "logs/derive_from_parts/{parts}/{model}.log",
    benchmark:
        "logs/derive_from_parts/{parts}/{model}.tsv"
    wildcard_constraints:
        parts="wordings|sizes",
    conda:
        "../envs/torch.yaml"
    params:
        readings=lambda wc: PARTS[wc.parts]["readings"],
        axes=lambda wc: PARTS[wc.parts]["axes"],
        seed=config["seed"],
    script:
        "../scripts/derive_from_parts.py"


rule derive_positions:
    """Regress the IDs of {wildcards.model} on the positions that its vision tower is told (Table 2, Fig A21)."""
    input:
        ids=lambda wc: ids_of("fine", wc.model),
        model="results/models/{model}.json",
        code=code_behind("derive_positions.py"),
    output:
        "results/positions/{model}.parquet",
    log:
        "logs/derive_positions/{model}.log",
    benchmark:
        "logs/derive_positions/{model}.tsv"
    conda:
        "../envs/torch.yaml"
    resources:
        mem_mb=lambda wc, attempt: attempt * MODELS[wc.model].get("memory_mb", 2000),
    params:
        side=STIMULI[READINGS[KINDS["fine"]["reading"]]["dataset"]].get("side", 0),
        seed=config["seed"],
    script:
        "../scripts/derive_positions.py"
