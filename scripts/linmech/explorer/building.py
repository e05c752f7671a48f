"""The page: its data, its parts and plotly in one file that asks the network for nothing."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import jinja2
import plotly
from plotly.offline import get_plotlyjs

from linmech.errors import LinmechError
from linmech.explorer.findings import findings
from linmech.explorer.looks import looks
from linmech.explorer.samples import read_samples
from linmech.explorer.tables import SWAPS, as_columns, read_tables
from linmech.files import atomic
from linmech.ids.files import load_ids
from linmech.stimuli.datasets import Dataset

LIMIT = 10_000_000  # bytes of the page
SCRIPTS = ("tools.js", "ids.js", "moved.js", "swaps.js", "diagnosis.js", "time.js", "page.js")
PAGE = files("linmech.explorer") / "page"


@dataclass(frozen=True)
class Sources:
    """What a page is made of. figures: csv by name of its figure (`tables.COLUMNS`), fig5-layers and codes among them;
    ids: files of spatial IDs, `{model}.h5`; diagnosed: tables of diagnosing, and questions: of their data sets (none:
    no pictures); sprites: what these are composed of ("": nothing); configs: files on top of config.yaml.
    """

    figures: Mapping[str, str | Path]
    ids: Sequence[str | Path]
    diagnosed: Sequence[str | Path] = ()
    questions: Sequence[str | Path] = ()
    sprites: str | Path = ""
    configs: Sequence[str] = field(default=())


def build(sources: Sources, page: str | Path) -> None:
    """Write the page of all models in `sources`; equal sources give equal bytes.

    Raises LinmechError where a file is broken or lacks a column, and where the page would be larger than LIMIT.
    """
    text = render(gather(sources))
    if (size := len(text.encode())) > LIMIT:
        raise LinmechError(
            f"{page} would be {size / 1e6:.1f} MB, more than {LIMIT / 1e6:.0f}: configure fewer models in one run"
        )
    with atomic(page) as partial:
        partial.write_text(text, encoding="utf-8")


def gather(sources: Sources) -> dict[str, object]:
    """All that the page's script is told, as JSON knows it."""
    tables = read_tables(sources.figures)
    grid = tables["fig5-layers"]
    models = list(dict.fromkeys(grid["model"]))
    columns, rows = (1 + int(grid[name].max()) for name in ("column", "row"))
    samples = {}
    if sources.diagnosed:
        datasets = [Dataset.of(path, sources.sprites) for path in sources.questions]
        samples = read_samples(sources.diagnosed, datasets, columns)
    if samples:
        tables["samples"] = samples.pop("read")
    changes = sorted(set(tables["swaps"]["change"])) if "swaps" in tables else []
    return {
        "models": models,
        "tables": {name: as_columns(table) for name, table in tables.items()},
        "findings": {model: findings(tables, model) for model in models},
        "measured": _measured(sources.ids),
        "samples": samples,
        "looks": looks(columns, changes),
        "grid": [columns, rows],
        "commands": {name: _command(name, sources.configs) for name in (*tables, *SWAPS)},
    }


def _measured(ids: Sequence[str | Path]) -> dict[str, dict[str, int]]:
    """What each model's IDs were read from: nouns, those held out from the axes, and residuals."""
    found = {}
    for path in map(Path, ids):
        each = load_ids(path)
        last = each[max(each)]
        held_out, rows = (last.statistics.get(name) for name in ("held_out", "rows"))
        found[last.model] = {"nouns": len(last.nouns), "held_out": len(held_out or ()), "residuals": rows}
    return found


def _command(name: str, configs: Sequence[str]) -> str:
    made = {"swaps": "figures/fig4.pdf", "samples": "figures/figa8.pdf"}.get(name, f"figures/{name}.pdf")
    return " ".join(["snakemake --cores 8", f"results/{made}", *(["--configfile", *configs] if configs else [])])


def render(told: Mapping[str, object]) -> str:
    """The page as text. What comes from tables stands in one block of JSON, in which no tag can begin or end."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    library = get_plotlyjs()
    script = "\n".join((PAGE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    script = f'"use strict";\n(() => {{\n{script}\n}})();'
    return environment.from_string((PAGE / "page.html").read_text(encoding="utf-8")).render(
        style=(PAGE / "page.css").read_text(encoding="utf-8"),
        library=library,
        script=script,
        hashes=[_hash(library), _hash(script)],
        data=as_json(told),
        shown=_shown(told),
        models=told["models"],
        version=plotly.__version__,
    )


def as_json(value: object) -> str:
    """JSON that may stand in a script element: no <, > or &."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _hash(script: str) -> str:
    """What a content security policy calls a script that it allows."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _shown(told: Mapping[str, object]) -> set[str]:
    """The sections of which there is something to show."""
    return {name for name in told["tables"]} | ({"samples"} if told["samples"] else set())
