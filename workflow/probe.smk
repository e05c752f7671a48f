# Photographs of your own, one stanza of `probes` each: `linmech probe` as a rule.
# needs:  results/models/{model}.json, results/ids/spatial/{model}.h5
# leaves: results/probes/{model}/{probe}.{png,pdf,json,txt}

PROBES = config.get("probes") or {}
PROBED = expand("results/probes/{model}/{probe}.{end}", model=MODELS, probe=PROBES, end=[*FORMATS[:2], "json", "txt"])


rule probe_image:
    """Probe {wildcards.probe} with {wildcards.model}: {params.asked}."""
    input:
        photo=lambda wc: str(home(PROBES[wc.probe]["photo"])),
        ids=lambda wc: ids_of("spatial", wc.model),
        model="results/models/{model}.json",
        code=code_behind("probe_image.py"),
    output:
        pdf="results/probes/{model}/{probe}.pdf",
        png="results/probes/{model}/{probe}.png",
        json="results/probes/{model}/{probe}.json",
        text="results/probes/{model}/{probe}.txt",
    log:
        "logs/probe_image/{probe}/{model}.log",
    benchmark:
        "logs/probe_image/{probe}/{model}.tsv"
    wildcard_constraints:
        probe=names(PROBES),
    conda:
        "../envs/torch.yaml"
    resources:
        **MODEL_RESOURCES,
    params:
        **MODEL_PARAMS,
        asked=lambda wc: leaf({key: value for key, value in PROBES[wc.probe].items() if key != "photo"}),
    script:
        "../scripts/probe_image.py"
