# The paper's numbers beside ours.
# needs:  results/figures/{fig2,figa8,figa10,figa21,tablec1}.csv
# leaves: results/figures/paper_vs_ours.{csv,html}

FIGURE_FILES += ["results/figures/paper_vs_ours.csv", "results/figures/paper_vs_ours.html"]


rule compare_with_paper:
    """Every number that the paper prints of its results, beside ours of the models that are configured."""
    input:
        **({"figa10": "results/figures/figa10.csv"} if FINETUNING else {}),
        fig2="results/figures/fig2.csv",
        figa8="results/figures/figa8.csv",
        figa21="results/figures/figa21.csv",
        tablec1="results/figures/tablec1.csv",
        code=code_behind("compare_with_paper.py"),
    output:
        csv="results/figures/paper_vs_ours.csv",
        page=report(
            "results/figures/paper_vs_ours.html",
            caption="report/paper_vs_ours.rst",
            category="The paper and linmech",
            labels={"figure": "Every number of the paper"},
        ),
    log:
        "logs/compare_with_paper.log",
    benchmark:
        "logs/compare_with_paper.tsv"
    conda:
        "../envs/plot.yaml"
    params:
        layers=leaf({model: MODELS[model]["layers"] for model in MODELS}),
    script:
        "../scripts/compare_with_paper.py"
