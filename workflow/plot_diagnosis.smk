# Figures of which part fails.
# needs:  results/diagnosing/ and, with a stanza `comparing`, results/comparing/, of all models
# leaves: results/figures/NAME.{pdf,png,csv}, NAME of fig8, figa8, verdict, methods

FIGURE_FILES += figure_files("fig8", "figa8", "verdict", *(["methods"] if COMPARING else []))


rule plot_fig8:
    """Figure 8: what wrong answers have in common: the places that nouns are bound to, and where masks matter."""
    input:
        tables=expand("results/diagnosing/wrong/{model}.parquet", model=MODELS),
        code=code_behind("plot_fig8.py"),
    output:
        **figure("fig8", "Figure 8", "4.2 Diagnosis"),
    log:
        "logs/plot_fig8.log",
    benchmark:
        "logs/plot_fig8.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_fig8.py"


rule plot_figa8:
    """Figure A8: right answers when true places, or others, are put into the nouns at each layer."""
    input:
        tables=expand("results/diagnosing/hard/{model}.parquet", model=MODELS),
        code=code_behind("plot_figa8.py"),
    output:
        **figure("figa8", "Figure A8", "4.2 Diagnosis"),
    log:
        "logs/plot_figa8.log",
    benchmark:
        "logs/plot_figa8.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_figa8.py"


rule plot_verdict:
    """The verdict: which part of each model fails, beside what is planted in it."""
    input:
        tables=expand("results/diagnosing/easy/{model}.parquet", model=MODELS),
        code=code_behind("plot_verdict.py"),
    output:
        **figure("verdict", "Verdict", "4.2 Diagnosis"),
    log:
        "logs/plot_verdict.log",
    benchmark:
        "logs/plot_verdict.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        truths=planted(),
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_verdict.py"


rule plot_methods:
    """Methods: what five of them find in models with planted faults, which parts they name, and at what cost."""
    input:
        tables=expand("results/comparing/{model}.parquet", model=MODELS),
        code=code_behind("plot_methods.py"),
    output:
        **figure("methods", "Other methods", "4.2 Diagnosis"),
    log:
        "logs/plot_methods.log",
    benchmark:
        "logs/plot_methods.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        faults=leaf({model: declared(model).get("fault", {}) for model in MODELS}),
        seed=config["seed"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/plot_methods.py"
