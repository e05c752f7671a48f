# The run itself.
# needs:  all figures
# leaves: results/run.html


rule describe_run:
    """The run itself, for the report: what its jobs took, versions, configuration."""
    input:
        FIGURE_FILES,
        code=code_behind("describe_run.py"),
    output:
        page=report("results/run.html", caption="report/run.rst", category="This run", labels={"figure": "The run"}),
    log:
        "logs/describe_run.log",
    conda:
        "../envs/plot.yaml"
    params:
        config=leaf(config),
    script:
        "../scripts/describe_run.py"
