# needs:  results/objects/index.tsv, results/sprites/sprites.npz
# leaves: results/organisms/{organism}/ (not part of `all`; the shipped ones lie in resources/organisms/): a model, its
#         card, curve.csv (accuracy while it learned) and checkpoints/00, 01, ..., models of their own where they are asked
#         for. A killed training goes on from results/organisms/.{organism}.training/


rule train_organism:
    """Train the small model {wildcards.organism} from scratch on {params.images} images or videos: {params.recipe}."""
    input:
        index="results/objects/index.tsv",
        sprites="results/sprites/sprites.npz",
        code=code_behind("train_organism.py"),
    output:
        multiext(
            "results/organisms/{organism}/",
            "model.safetensors",
            "config.json",
            "accuracies.json",
            "curve.csv",
            "README.md",
        ),
        directory("results/organisms/{organism}/checkpoints"),
    log:
        "logs/train_organism/{organism}.log",
    benchmark:
        "logs/train_organism/{organism}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=lambda wc, attempt: 4000 * attempt,
        runtime=lambda wc, attempt: 600 * attempt,
        gpu=lambda wc: int(config["organisms"][wc.organism].get("device", "cpu") != "cpu"),
    params:
        images=lambda wc: config["organisms"][wc.organism]["images"],
        test_images=lambda wc: config["organisms"][wc.organism]["test_images"],
        recipe=lambda wc: leaf(config["organisms"][wc.organism].get("recipe", {})),
        family=lambda wc: config["organisms"][wc.organism]["family"],
        seed=lambda wc: config["organisms"][wc.organism].get("seed", config["seed"]),
        dtype=lambda wc: config["organisms"][wc.organism].get("dtype", "float32"),
        unplaced=lambda wc: config["organisms"][wc.organism].get("unplaced", 0),
        rho=lambda wc: config["organisms"][wc.organism].get("rho"),
        frames=lambda wc: config["organisms"][wc.organism].get("frames", 0),
        side=lambda wc: config["organisms"][wc.organism].get("side", 128),
        device=lambda wc: config["organisms"][wc.organism].get("device", "cpu"),
        checkpoints=lambda wc: leaf(config["organisms"][wc.organism].get("checkpoints", [])),
    script:
        "../scripts/train_organism.py"
