"""Checks of the data sets that join two keys or look at the disk."""

from collections.abc import Collection, Iterator, Mapping

from linmech.files import home

FILED = {  # what lies in the folder of a data set that is read from files
    "coco": "val2017/, annotations/ and coco_qa_two_obj.json",
    "mvbench": "json/scene_transition.json and video/scene_qa/video/",
}
RANGES = ("gap", "occlusion", "blur", "contrast", "distractors", "lasting")  # keys of a data set that are [least, most]


def dataset_problems(key: str, stanza: Mapping, nouns: list) -> Iterator[str]:
    """Each problem of one data set, as `key ... cure`; `nouns` are those of objects.nouns ([]: all)."""
    if key == "stimuli.objects":
        yield f"{key}: sheet_objects.png shows the objects themselves; give the data set another name, e.g. {key}-1"
    if stanza["layout"] == "grid":
        cells = stanza.get("cells", 4)
        side, ways = stanza["side"], cells**2 * (cells**2 - 1)
        if max(stanza["sizes"]) > side / cells:
            yield f"{key}.sizes: {max(stanza['sizes'])} px does not fit a cell; use sizes up to {side // cells}"
        if stanza["placements"] > ways:
            yield f"{key}.placements is {stanza['placements']}; {cells} x {cells} cells give {ways}: lower it"
        every = stanza["pairs"] * stanza["placements"] * len(stanza["sizes"])
        if stanza.get("images", 0) > every:
            yield f"{key}.images is {stanza['images']}; pairs, placements and sizes give {every}: lower it, or leave it"
    if stanza["layout"] == "frames":
        yield from _of_frames(key, stanza)
    if nouns:
        yield from pairs_problems(key, stanza, nouns, "objects.nouns")
    if stanza["layout"] == "clips" and 2 * stanza.get("lasting", (1, 1))[1] > stanza.get("frames", 8):
        yield f"{key}.lasting: two objects of {stanza['lasting'][1]} frames do not fit the video; lower it"
    if "colour" in stanza.get("asks", []) and stanza["layout"] != "colour-pairs" and not stanza.get("tinted", 0):
        yield f"{key}.asks: colour is asked of recoloured things only; give {key}.tinted, e.g. 0.5"
    for knob in RANGES:
        least, most = stanza.get(knob, (0, 0))
        if least > most:
            yield f"{key}.{knob} is {stanza[knob]}; write the smaller number first"
    wanted = FILED.get(stanza["layout"], "")
    if wanted and "download" not in stanza and not home(stanza["folder"]).is_dir():
        yield f"{key}.folder: {stanza['folder']} is not a folder; correct the path, put {wanted} there, or add download"


def pairs_problems(key: str, stanza: Mapping, nouns: Collection[str], listed: str) -> Iterator[str]:
    """What is wrong where a data set asks for more ordered pairs than the nouns give, which stand in `listed`."""
    most = len(nouns) * (len(nouns) - 1)
    if stanza["layout"] in ("grid", "frames") and stanza["pairs"] > most:
        yield f"{key}.pairs is {stanza['pairs']}; {len(nouns)} nouns give {most}: lower it or add to {listed}"


def _of_frames(key: str, stanza: Mapping) -> Iterator[str]:
    frames, places = stanza.get("frames", 8), stanza.get("places", 1)
    ways = places**2 * frames * (frames - 1)
    if max(stanza["sizes"]) > stanza["side"] / places:
        yield f"{key}.sizes: {max(stanza['sizes'])} px does not fit a place; use up to {stanza['side'] // places}"
    if stanza["arrangements"] > ways:
        yield f"{key}.arrangements is {stanza['arrangements']}; {frames} frames, {places} places give {ways}: lower it"
