# Figures of finetuning.
# needs:  results/finetuning/, all arms and runs of all experiments
# leaves: results/figures/NAME.{pdf,png,csv}, NAME of figa10, table43

FIGURE_FILES += figure_files("figa10", "table43") if FINETUNING else []


rule plot_figa10:
    """Figure A10: accuracies and losses while a model is finetuned, in all arms."""
    input:
        tables=finetuned(""),
        code=code_behind("plot_figa10.py"),
    output:
        **figure("figa10", "Figure A10", "4.3 A learning signal"),
    log:
        "logs/plot_figa10.log",
    benchmark:
        "logs/plot_figa10.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_figa10.py"


rule plot_table43:
    """Table 4.3: what each arm gains over plain finetuning, run by run."""
    input:
        tables=finetuned(""),
        code=code_behind("plot_table43.py"),
    output:
        **figure("table43", "Table of section 4.3", "4.3 A learning signal"),
    log:
        "logs/plot_table43.log",
    benchmark:
        "logs/plot_table43.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_table43.py"
