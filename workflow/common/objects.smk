"""What decides which meshes there are. No rules."""


def own_meshes(objects):
    """The meshes that the user's own folder lists; none for another source. What it says of them is a param."""
    return meshes_of(objects["folder"]) if objects["source"] == "folder" else []


def listed_meshes(objects):
    """What the user's own objects.tsv says, whatever its line ends; nothing for another source."""
    return leaf(listed(objects["folder"])) if objects["source"] == "folder" else []


def objaverse_settings(objects):
    """What decides which meshes are downloaded; nothing for another source."""
    if objects["source"] != "objaverse":
        return {}
    return {"folder": "resources/objects/objaverse", "seed": config["seed"], **objects.get("objaverse", {})}


def object_files(objects):
    """What collect_objects leaves: an index, and the folder of meshes that only built-in objects need."""
    meshes = {"meshes": directory("results/objects/meshes")} if objects["source"] == "builtin" else {}
    return {"index": "results/objects/index.tsv"} | meshes
