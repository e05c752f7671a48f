"""Laws of the explorer's page that need no browser: what it holds and asks for, and what tables cannot do to it."""

import html.parser
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from explored import HOSTILE, TRUTH, sources
from linmech.errors import LinmechError
from linmech.explorer import building
from linmech.explorer.building import PAGE, SCRIPTS, as_json, build, gather
from linmech.explorer.tables import COLUMNS, SWAPS

MODELS = ("tiny", HOSTILE)


class Tags(html.parser.HTMLParser):
    """The tags of a page with their attributes, the text of scripts by type, and headings."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts, self.inside = [], {}, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.inside = (tag, dict(attributes).get("type", "")) if tag in ("script", "style", "code") else None

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside and self.inside[0] == "script":
            self.scripts[self.inside[1]] = self.scripts.get(self.inside[1], "") + data

    @property
    def told(self):
        return json.loads(self.scripts["application/json"])


@pytest.fixture(scope="module")
def made(tmp_path_factory, sprites):
    """The sources of a page with pictures, and the page."""
    folder = tmp_path_factory.mktemp("explorer")
    found = sources(folder, MODELS, sprites)
    build(found, folder / "explorer.html")
    return found, folder / "explorer.html"


def test_the_page_asks_the_network_for_nothing(made):
    page = Tags(made[1].read_text())
    for tag, attributes in page.tags:
        assert tag not in ("link", "iframe", "object", "embed", "base"), tag
        assert all(value.startswith(("#", "data:")) for name, value in attributes.items() if name in ("src", "href"))
    (policy,) = (told["content"] for tag, told in page.tags if tag == "meta" and "http-equiv" in told)
    assert policy.startswith("default-src 'none'; img-src data: blob:; ") and "http" not in policy
    assert policy.count("'sha256-") == 2 and "unsafe-eval" not in policy
    own = "".join((PAGE / name).read_text() for name in (*SCRIPTS, "page.css", "page.html"))
    assert set(re.findall(r"https?://[^\"' ]*", own)) == {"http://www.w3.org/2000/svg"}  # a name, not an address


def test_the_page_is_small_and_one_that_would_be_too_large_is_told(made, monkeypatch, tmp_path):
    assert 4e6 < made[1].stat().st_size < 6e6
    monkeypatch.setattr(building, "LIMIT", 1_000_000)
    with pytest.raises(LinmechError, match=r"would be \d\.\d MB, more than 1: configure fewer models"):
        build(made[0], tmp_path / "explorer.html")
    assert not (tmp_path / "explorer.html").exists()


def test_fifteen_deep_models_fit(tmp_path):
    found = sources(tmp_path, [f"model-{number}" for number in range(15)], layers=range(33))
    build(found, tmp_path / "explorer.html")
    assert len(Tags((tmp_path / "explorer.html").read_text()).told["models"]) == 15


def test_equal_sources_give_equal_bytes(made, tmp_path):
    build(made[0], tmp_path / "explorer.html")
    assert (tmp_path / "explorer.html").read_bytes() == made[1].read_bytes()


def test_every_number_of_the_page_is_that_of_its_csv(made):
    tables = Tags(made[1].read_text()).told["tables"]
    for name, path in made[0].figures.items():
        csv = pd.read_csv(path).reindex(columns=list(COLUMNS[name]))
        csv = csv[csv["panel"] != "C"] if name == "fig6" else csv  # Alg. 2 has a figure of its own
        csv = csv[csv["panel"] == "C"] if name == "fig10" else csv
        shown = pd.DataFrame(tables["swaps" if name in SWAPS else name]).reindex(columns=list(COLUMNS[name]))
        assert len(shown) == len(csv) > 0
        for column in csv:
            ours, theirs = shown[column].tolist(), csv[column].tolist()
            assert [None if pd.isna(value) else value for value in ours] == [
                None if pd.isna(value) else value for value in theirs
            ], (name, column)


def test_text_of_tables_can_neither_end_the_data_nor_become_a_tag(made):
    text = made[1].read_text()
    page = Tags(text)
    assert [tag for tag, _ in page.tags].count("script") == 3 and "img" not in [tag for tag, _ in page.tags]
    assert HOSTILE not in text and TRUTH not in text
    assert page.told["models"] == list(MODELS) and page.told["tables"]["codes"]["truth"][0] == TRUTH
    assert json.loads(as_json(["</script>", "<!--", "&", "\u2028"])) == ["</script>", "<!--", "&", "\u2028"]
    assert not set("<>&\u2028") & set(as_json(["</script>", "<!--", "&", "\u2028"]))


def test_scripts_of_the_page_make_no_markup_out_of_text():
    for name in SCRIPTS:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", (PAGE / name).read_text())


def test_what_a_config_has_not_is_absent(made, tmp_path):
    few = replace(
        made[0], figures={name: made[0].figures[name] for name in ("fig5-layers", "codes")}, diagnosed=(), questions=()
    )
    build(few, tmp_path / "explorer.html")
    sections = {told.get("id") for tag, told in Tags((tmp_path / "explorer.html").read_text()).tags if tag == "section"}
    assert sections == {"findings", "ids"}
    every = {told.get("id") for tag, told in Tags(made[1].read_text()).tags if tag == "section"}
    assert every == sections | {"moved", "exchanged", "swaps", "samples", "fails", "time", "emergence"}


def test_every_control_has_a_label_and_is_a_native_element(made):
    tags = Tags(made[1].read_text()).tags
    labelled = {told["for"] for tag, told in tags if tag == "label"}
    controls = {told["id"] for tag, told in tags if tag in ("select", "input")}
    assert controls and controls <= labelled
    assert all(told.get("type") == "button" for tag, told in tags if tag == "button")


def test_sample_pictures_have_true_boxes_and_the_margins_of_every_layer(made):
    told = gather(made[0])
    pictures, read = told["samples"]["pictures"], pd.DataFrame(told["tables"]["samples"])
    assert 2 <= len(pictures) <= 12 and {each["item"] for each in pictures} == set(read["item"])
    for each in pictures:
        assert each["image"].startswith("data:image/jpeg;base64,")
        box, centre = np.array(each["boxes"]["subject"]), np.array(each["centres"]["subject"])
        np.testing.assert_allclose((box[:2] + box[2:]) / 2, centre, atol=1e-6)
    table = pd.read_parquet(made[0].diagnosed[0])
    assert table["relabelling"].max() > 0  # which are not shown
    bound = (
        table[(table["what"] == "bound") & (table["relabelling"] == 0)]
        .assign(item="hard/" + table["item"])
        .set_index(["item", "layer"])
    )
    own = read[read["model"] == "tiny"].set_index(["item", "layer"])
    np.testing.assert_allclose(own["margin"], bound["margin"].loc[own.index])
    assert len(own) == 3 * len(pictures)


def test_a_broken_table_is_one_line_that_names_it(made, tmp_path):
    broken = tmp_path / "fig2.csv"
    for text, line in (
        ("", "cannot be read as csv"),
        ("model,panel\n", "has no column 'layer'"),
        (made[0].figures["fig2"].read_text().splitlines()[0] + "\n", "has no rows"),
    ):
        broken.write_text(text)
        with pytest.raises(LinmechError, match=f"fig2.csv: {line}.*run snakemake again"):
            gather(replace(made[0], figures={**made[0].figures, "fig2": broken}))


def test_commands_name_the_config_that_was_used(made):
    told = gather(replace(made[0], configs=["zoo.yaml"]))
    assert told["commands"]["fig2"] == "snakemake --cores 8 results/figures/fig2.pdf --configfile zoo.yaml"
