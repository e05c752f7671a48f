# Figures of IDs from parts of readings, beside each other, and beside the positions of towers.
# needs:  results/parts/, results/positions/, of all models; of pairs, of those that keep rows
# leaves: results/figures/NAME.{pdf,png,csv}, NAME of figa18, figa19, figa20, figa21

PAIRED = [model for model in MODELS if derived.keeps(MODELS[model], PARTS["pairs"]["readings"][0], config) == "rows"]
FIGURE_FILES += figure_files("figa19", "figa20", "figa21", *(["figa18"] if PAIRED else []))


rule plot_figa18:
    """Figure A18: spatial IDs from fewer and fewer pairs of nouns."""
    input:
        tables=expand("results/parts/pairs/{model}.parquet", model=PAIRED),
        code=code_behind("plot_figa18.py"),
    output:
        **figure("figa18", "Figure A18", "2.2 Spatial IDs"),
    log:
        "logs/plot_figa18.log",
    benchmark:
        "logs/plot_figa18.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_figa18.py"


rule plot_figa19:
    """Figure A19: spatial IDs read from questions in other words."""
    input:
        tables=expand("results/parts/wordings/{model}.parquet", model=MODELS),
        code=code_behind("plot_figa19.py"),
    output:
        **figure("figa19", "Figure A19", "2.2 Spatial IDs"),
    log:
        "logs/plot_figa19.log",
    benchmark:
        "logs/plot_figa19.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        axes=PARTS["wordings"]["axes"],
        unit="",
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_figa19.py"


rule plot_figa20:
    """Figure A20: spatial IDs of objects of several sizes."""
    input:
        tables=expand("results/parts/sizes/{model}.parquet", model=MODELS),
        code=code_behind("plot_figa20.py"),
    output:
        **figure("figa20", "Figure A20", "2.2 Spatial IDs"),
    log:
        "logs/plot_figa20.log",
    benchmark:
        "logs/plot_figa20.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        axes=PARTS["sizes"]["axes"],
        unit=" px",
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_figa20.py"


rule plot_figa21:
    """Figure A21 and Table 2: how far spatial IDs follow the positions that the vision tower is told."""
    input:
        tables=expand("results/positions/{model}.parquet", model=MODELS),
        moved=expand("results/diagnosing/easy/{model}.parquet", model=MODELS),
        code=code_behind("plot_figa21.py"),
    output:
        **figure("figa21", "Table 2, Figure A21", "2.3 Where they come from"),
    log:
        "logs/plot_figa21.log",
    benchmark:
        "logs/plot_figa21.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_figa21.py"
