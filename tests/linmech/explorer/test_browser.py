"""Laws of the explorer in a browser: controls work, the console is silent, it fits, and draws what is looked at."""

import csv
import os
import shutil
from dataclasses import replace

import pytest

from explored import FILMS, HOSTILE, LAYERS, sources
from linmech.explorer.building import build

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: apt-get install chromium")


@pytest.fixture(scope="module")
def browser():
    """Chromium without a screen; as root it has no sandbox."""
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.getuid() == 0 else []
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory, sprites):
    folder = tmp_path_factory.mktemp("explorer")
    found = sources(folder, ("tiny", HOSTILE), sprites)
    build(replace(found, configs=["zoo.yaml"]), folder / "explorer.html")
    return (folder / "explorer.html").as_uri()


@pytest.fixture
def opened(browser, address):
    """A function that opens the page; at the end nothing was complained of, and nothing but the page was asked for."""
    said, asked, contexts = [], [], []

    def open_page(width=1280, theme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.wait_for_selector("html[data-ready]", state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []
    assert {url for url in asked if not url.startswith(("data:", "blob:"))} == {address}


def drawn(page, plot):
    """The data that plotly holds of a plot, after it was brought near the screen."""
    page.locator(f"#{plot}").scroll_into_view_if_needed()
    page.wait_for_selector(f"#{plot} .js-plotly-plot")
    return page.evaluate("id => JSON.parse(JSON.stringify(document.querySelector(`#${id} .drawing`).data))", plot)


def test_model_layer_and_experiment_are_chosen_by_keys_alone(opened):
    page = opened()
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "model"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("ArrowDown")
    assert page.locator("#named").inner_text() == HOSTILE
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#at").inner_text() == f"{max(LAYERS) - 1}"
    assert "Layer 2: R² 0.40 of held-out objects" in page.locator("#grid .note").inner_text()
    assert len(drawn(page, "heat")[0]["z"]) == 3
    page.locator("#value").focus()
    page.keyboard.press("ArrowDown")
    assert "Change towards the true answer" in page.locator("#heat .note").inner_text()


def test_models_of_videos_are_chosen_beside_the_others_and_follow_the_layer(opened, tmp_path):
    page = opened()
    page.locator("#layer").fill("1")
    held_out = drawn(page, "times")[2]
    assert held_out["name"] == "held-out objects" and held_out["y"] == [frame - 3.5 for frame in range(8)]
    told = page.locator("#times .note").inner_text()
    assert "Layer 1: order of held-out objects' frames, Kendall's τ 0.20 [0.10, 0.30]" in told
    assert drawn(page, "ordered")[1]["y"] == [0.2, 0.4, pytest.approx(0.6)]
    page.locator("#film").select_option(FILMS[1])
    assert drawn(page, "times")[2]["y"] == [frame - 2.5 for frame in range(8)]
    page.locator("#moment").select_option("reference")
    assert {trace["name"] for trace in drawn(page, "later")} == {"should turn", "should stay"}
    with page.expect_download() as download:
        page.locator("#later button.csv").click()
    assert download.value.suggested_filename.startswith("linmech-later-film")
    download.value.save_as(tmp_path / "later.csv")
    rows = list(csv.DictReader((tmp_path / "later.csv").open()))
    assert {(row["model"], row["tokens"]) for row in rows} == {(FILMS[1], "reference")} and len(rows) == 4


def test_what_is_drawn_and_downloaded_are_the_numbers_of_the_table(opened, tmp_path):
    page = opened()
    (axis,) = [trace for trace in drawn(page, "doses") if trace.get("name") == "along the IDs' axis"]
    assert axis["x"] == [1, 2] and axis["y"] == [0.1, 0.1]
    with page.expect_download() as download:
        page.locator("#doses button.csv").click()
    download.value.save_as(tmp_path / "doses.csv")
    rows = list(csv.DictReader((tmp_path / "doses.csv").open()))
    assert [(row["arm"], row["size"], row["estimate"]) for row in rows if row["arm"] == "axis"] == [
        ("axis", "1", "0.1"), ("axis", "2", "0.1"),
    ]  # fmt: skip


def test_play_moves_through_the_layers_and_stops_at_the_last(opened):
    page = opened()
    page.locator("#play").click()
    assert page.locator("#play").get_attribute("aria-pressed") == "true"
    assert page.locator("#at").inner_text() == "0"
    page.wait_for_selector("#play[aria-pressed=false]")
    assert page.locator("#at").inner_text() == f"{max(LAYERS)}"


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_the_page_fits_and_follows_the_theme(opened, width, theme):
    page = opened(width, theme)
    for plot in ("answers", "compared", "heat", "times", "later", "trained"):
        drawn(page, plot)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    shade = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(shade)
    assert (sum(map(int, before[4:-1].split(","))) < 200) == (theme == "dark")
    page.locator("#theme").click()
    assert page.evaluate(shade) != before


@pytest.mark.parametrize("width", [1280, 390])
def test_the_words_of_a_command_stay_whole_and_it_is_copied_as_one_line(opened, width):
    page = opened(width)
    drawn(page, "answers")
    words = page.locator("#answers code span")
    command = " ".join(words.all_inner_texts())
    assert command == "snakemake --cores 8 results/figures/fig6.pdf --configfile zoo.yaml"
    assert all(word.bounding_box()["height"] < 25 for word in words.all()), "each on one line"
    copied = "getSelection().selectAllChildren(document.querySelector('#answers code')); getSelection().toString()"
    assert page.evaluate(copied) == command


def test_it_opens_at_once_as_what_is_far_from_the_screen_is_drawn_when_it_comes_near(opened):
    page = opened()
    plots, drawings = page.locator(".drawing"), page.locator(".js-plotly-plot")
    page.wait_for_function("document.querySelectorAll('.js-plotly-plot').length > 0")
    assert drawings.count() < plots.count() / 2
    for plot in plots.all():
        plot.scroll_into_view_if_needed()
    page.wait_for_function(f"document.querySelectorAll('.js-plotly-plot').length == {plots.count()}")
