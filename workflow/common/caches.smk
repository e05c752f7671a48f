"""Caches of activations: their files, whole or in shards, and what they hang on. No rules."""


def reading_settings(reading, keep):
    """What a reading asks, at which words it is read and, where sums are kept, the coordinates of its IDs."""
    kinds = [KINDS[kind]["coordinates"] for kind in derived.kinds_of(reading, config)]
    asked = {key: value for key, value in READINGS[reading].items() if key not in ("dataset", "shards")}
    return leaf(asked | ({"coordinates": kinds[0]} if keep == "sums" else {}))


def layer_files(reading, model):
    """All layers of a reading of a model."""
    return [f"results/activations/{reading}/{model}/layer_{layer}.h5" for layer in layers_of(model)]


def shards_of(reading):
    """In how many jobs a model reads it."""
    return READINGS[reading].get("shards", 1)


def shard_files(reading, model, layer):
    """The layer files of all shards of a reading, in order."""
    return [f"results/shards/{reading}/{model}/{shard}/layer_{layer}.h5" for shard in range(shards_of(reading))]


def cached_alike(reading):
    """The models that see a reading, by what they keep of it, rows or sums, and their number of layers."""
    alike = {}
    for model in seeing(READINGS[reading]["dataset"]):
        alike.setdefault((derived.keeps(EVERY[model], reading, config), EVERY[model]["layers"]), []).append(model)
    return alike


def cached_in(reading, layers, shard):
    """The layer files of a job: those of the reading, or of one of its shards, which are kept until they are merged."""
    if shards_of(reading) == 1:
        return [f"results/activations/{reading}/{{model}}/layer_{layer}.h5" for layer in range(layers + 1)]
    return [temp(shard_files(reading, "{model}", layer)[shard]) for layer in range(layers + 1)]
