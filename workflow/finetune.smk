# needs:  results/ids/spatial/{model}.h5, results/stimuli/ of the experiment's data sets, results/models/{model}.json
# leaves: results/finetuning/{experiment}/{arm}/{run}.{parquet,safetensors}: accuracies and losses over steps, and the
#         trained weights of the step that validation chose. A killed run goes on from .{run}.training/ beside them


rule finetune_model:
    """Finetune a model in the arm {wildcards.arm}, run {wildcards.run} (section 4.3, A.9): {params.settings}."""
    input:
        unpack(lambda wc: seen(finetuning_sets(wc.experiment))),
        ids=lambda wc: ids_of("spatial", FINETUNING[wc.experiment]["model"]),
        questions=lambda wc: map(questions, finetuning_sets(wc.experiment)),
        model=lambda wc: f"results/models/{FINETUNING[wc.experiment]['model']}.json",
        start=lambda wc: (
            source_files(FINETUNING[wc.experiment]["source"]) if "source" in FINETUNING[wc.experiment] else []
        ),
        code=code_behind("finetune_model.py"),
    output:
        table="results/finetuning/{experiment}/{arm}/{run}.parquet",
        weights="results/finetuning/{experiment}/{arm}/{run}.safetensors",
    log:
        "logs/finetune_model/{experiment}/{arm}/{run}.log",
    benchmark:
        "logs/finetune_model/{experiment}/{arm}/{run}.tsv"
    wildcard_constraints:
        experiment=names(FINETUNING),
        arm="[a-z]+",
        run=r"\d+",
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        **model_resources(lambda wc: FINETUNING[wc.experiment]["model"], share=2),
    params:
        **MODEL_PARAMS,
        settings=finetuning_settings,
        source=lambda wc: FINETUNING[wc.experiment].get("source", ""),
    script:
        "../scripts/finetune_model.py"
