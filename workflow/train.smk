# needs:  results/objects/index.tsv, results/sprites/sprites.npz
# leaves: results/organisms/{organism}/ (not part of `all`; the shipped one lies in resources/organisms/)


rule train_organism:
    """Train the small model {wildcards.organism} from scratch on {params.images} images: {params.recipe}."""
    input:
        index="results/objects/index.tsv",
        sprites="results/sprites/sprites.npz",
        code=code_behind("train_organism.py"),
    output:
        multiext("results/organisms/{organism}/", "model.safetensors", "config.json", "accuracies.json", "README.md"),
    log:
        "logs/train_organism/{organism}.log",
    benchmark:
        "logs/train_organism/{organism}.tsv"
    conda:
        "../envs/torch.yaml"
    resources:
        mem_mb=4000,
    params:
        images=lambda wc: config["organisms"][wc.organism]["images"],
        test_images=lambda wc: config["organisms"][wc.organism]["test_images"],
        recipe=lambda wc: leaf(config["organisms"][wc.organism].get("recipe", {})),
        family=lambda wc: config["organisms"][wc.organism]["family"],
        seed=config["seed"],
    script:
        "../scripts/train_organism.py"
