"""Five methods of interpretability on planted faults: which items are broken, in which part, from which layer on?"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.diagnosis.marks import INTERVAL
from linmech.figures.diagnosis.verdict import LOOKS
from linmech.models.faults import Fault
from linmech.statistics.bootstrap import bootstrap
from linmech.statistics.ranks import auc
from linmech.statistics.shares import right_of, right_text
from linmech.statistics.symptoms import WAYS, costs, judged, pointed
from linmech.statistics.verdicts import NONE, PARTS

NAMES = {
    "ids": "IDs", "probe": "linear probe", "patching": "activation patching", "attention": "attention",
    "lens": "logit lens", "answer": "the answer alone",
}  # fmt: skip
WIDTH, ROW, ROOM = 6.6, 0.42, 1.1
MORE = 0.05  # inches of a row for every further model


def plot(
    tables: Sequence[str | Path], pdf: str | Path, png: str | Path, csv: str | Path,
    faults: Mapping[str, Mapping] | None = None, seed: int = 0, dpi: int = plotting.PNG_DPI,
) -> None:  # fmt: skip
    """Draw what the methods find in every model of `tables` (of compare_methods), and a csv, a row per number.

    `faults`: what is planted in a model, as `Fault.of` takes it; {} or absent: nothing. Raises LinmechError where no
    model has a fault, or a table is something else.
    """
    faults = {model: Fault.of(stanza) for model, stanza in (faults or {}).items() if stanza}
    table = numbers({Path(path).stem: pd.read_parquet(path) for path in tables}, faults, seed)
    with plotting.style():
        plotting.save_figure(draw(table), pdf, png, dpi)
    plotting.write_csv(table, csv)


def numbers(tables: Mapping[str, pd.DataFrame], faults: Mapping[str, Fault], seed: int = 0) -> pd.DataFrame:
    """All numbers, a row each; `asks` says what for:

    - broken: `estimate`, the AUROC of the broken items of a model among all; where none is, nothing
    - alarms: the share of the sound items that look broken
    - part: the AUROC of the items broken in a part among those broken in any; `named`: the share whose first part it is
    - layer: `after` < fault <= `at`, beside the same of what is planted, and whether the two overlap (`hit`)
    """
    if not set(faults) & set(tables):
        raise LinmechError("figure methods needs a model with a planted fault: --configfile faults.yaml has three")
    found, rows = [], []
    for model, own in tables.items():
        items = judged(own, seed)
        fault = faults.get(model)
        items["afflicted"] = [fault is not None and fault.afflicts(item) for item in items["item"]]
        found.append(items.assign(model=model, truth=fault.kind if fault else NONE))
        spent = costs(own).set_index("method")
        told = {"model": model, "truth": fault.kind if fault else NONE}
        told |= {"undecided": own.loc[own["undecided"].astype(bool), "item"].nunique()} | right_of(items)
        blocks = int(own["layer"].max())
        for method, part in items.groupby("method"):
            known = told | {"method": method} | spent.loc[method].to_dict() | {"read_at": _read(part["layer"])}
            known |= {"items": len(part), "afflicted": int(part["afflicted"].sum()), "interval": INTERVAL}
            sound = part[~part["afflicted"]]
            alarms = bootstrap((sound["broken"] > 0).astype(float), sound["image"], seed=seed)
            rows.append(known | {"asks": "alarms"} | _told(alarms))
            if part["afflicted"].any() and not part["afflicted"].all():
                rows.append(known | {"asks": "broken"} | _told(_auc(part, part["broken"], part["afflicted"], seed)))
        rows += [told | {"asks": "layer"} | _against(row, fault, blocks) for row in pointed(own).to_dict("records")]
    return pd.concat([pd.DataFrame(rows), parts(pd.concat(found, ignore_index=True), seed)], ignore_index=True)


def parts(found: pd.DataFrame, seed: int) -> pd.DataFrame:
    """How well each method names the part of the broken items of all models, one part against the rest."""
    broken, rows = found[found["afflicted"]], []
    for method, own in broken.groupby("method", sort=False):
        evidence = own[list(PARTS)]
        best = evidence.eq(evidence.max(axis=1), axis=0)
        share = best.div(best.sum(axis=1), axis=0)
        for part in (part for part in PARTS if part in set(own["truth"])):
            others = evidence.drop(columns=part).max(axis=1)
            true = own["truth"] == part
            row = {"asks": "part", "truth": part, "method": method, "afflicted": int(true.sum()), "items": len(own)}
            row |= {"named": float(share.loc[true, part].mean()), "interval": INTERVAL}
            rows.append(row | (_told(_auc(own, evidence[part] - others, true, seed)) if not true.all() else {}))
    return pd.DataFrame(rows)


def _auc(part: pd.DataFrame, values: pd.Series, first: pd.Series, seed: int):
    return auc(values, first, part["image"], seed=seed)


def _told(interval) -> dict[str, float]:
    return {"estimate": interval.estimate, "low": interval.low, "high": interval.high}


def _read(layers: pd.Series) -> str:
    return "+".join(str(layer) for layer in sorted(set(layers)) if layer >= 0)


def _against(row: Mapping, fault: Fault | None, blocks: int) -> dict:
    """A row of `pointed` beside where the fault is: (-1, 0], the picture; (0, blocks of binding]; beyond the last."""
    if fault is None:
        return dict(row)
    broken = max(fault.blocks, default=blocks // 2)
    true = {"vision": (-1, 0), "binding": (min(fault.blocks, default=1) - 1, broken), "readout": (blocks, blocks + 1)}
    after, at = true[fault.kind]
    hit = bool(row["after"] < at and after < row["at"]) if np.isfinite(row["at"]) else np.nan
    return dict(row) | {"true_after": after, "true_at": at, "hit": hit, "blocks": blocks}


def draw(table: pd.DataFrame) -> Figure:
    """Left: the broken items of each model; middle: the parts; right: the layers."""
    models = list(dict.fromkeys(table.loc[table["asks"] == "broken", "model"]))
    figure = plotting.new_figure(WIDTH, ROOM + (ROW + MORE * len(models)) * len(WAYS))
    left, middle, right = figure.subplots(1, 3, sharey=True, width_ratios=(1, 1, 1.1))
    draw_areas(left, table[table["asks"] == "broken"], "model", models)
    draw_areas(middle, table[table["asks"] == "part"], "truth", list(PARTS))
    draw_areas_frame(left, "which items are broken", "AUROC in a model")
    draw_areas_frame(middle, "which part it is", "AUROC against other parts")
    draw_layers(right, table[table["asks"] == "layer"].dropna(subset=["true_at"]), models)
    spent = table.dropna(subset=["passes"]).groupby("method")[["passes", "seconds"]].median()
    names = [f"{NAMES[way]}\n{spent['passes'][way]:.3g} passes, {spent['seconds'][way]:.2g} s" for way in WAYS]
    left.set_yticks(range(len(WAYS)), names)
    left.set_ylim(len(WAYS) - 0.4, -0.6)
    handles = [
        Line2D([], [], color=LOOKS[part][0], marker=LOOKS[part][1], linestyle="", label=part)
        for part in PARTS if part in set(table["truth"])
    ]  # fmt: skip
    handles.append(Line2D([], [], color=plotting.FAINT, linewidth=5, label="where it is planted"))
    told = table.dropna(subset=["right"]).drop_duplicates("model")
    lines = [f"{row['model']}: {right_text(row)}" for _, row in told.iterrows()]
    title = "clean answers\n" + "\n".join(lines)
    figure.legend(handles=handles, loc="outside lower center", ncols=4, title=title, title_fontsize=6)
    return figure


def draw_areas(axis: Axes, part: pd.DataFrame, by: str, order: Sequence[str]) -> None:
    """An AUROC per method and model or part, with its interval."""
    shifts = dict(zip(order, np.linspace(-0.25, 0.25, len(order)) if len(order) > 1 else [0.0], strict=True))
    for row in part.dropna(subset=["estimate"]).itertuples():
        colour, marker = LOOKS[row.truth]
        y = list(WAYS).index(row.method) + shifts[getattr(row, by)]
        if np.isfinite(row.low):
            axis.plot([row.low, row.high], [y, y], "-", color=colour, linewidth=0.8)
        axis.plot([row.estimate], [y], marker, color=colour, markersize=4)


def draw_areas_frame(axis: Axes, title: str, label: str) -> None:
    """The scale of a panel of AUROCs, with chance."""
    axis.axvline(0.5, color=plotting.GREY, linewidth=0.6, linestyle=(0, (4, 3)), zorder=0)
    axis.set(xlim=(-0.03, 1.03), xticks=(0, 0.5, 1), xlabel=label)
    axis.set_title(title)
    axis.tick_params(axis="y", left=False)


def draw_layers(axis: Axes, part: pd.DataFrame, models: Sequence[str]) -> None:
    """Between which layers each method points, over the layers of what is planted."""
    shifts = dict(zip(models, np.linspace(-0.25, 0.25, len(models)) if len(models) > 1 else [0.0], strict=True))
    for row in part.itertuples():
        colour, marker = LOOKS[row.truth]
        y = list(WAYS).index(row.method) + shifts[row.model]
        axis.plot([row.true_after, row.true_at], [y, y], "-", color=plotting.FAINT, linewidth=5, solid_capstyle="butt")
        if np.isfinite(row.at):
            axis.plot([row.after, row.at], [y, y], "-", color=colour, linewidth=1)
            axis.plot([row.at], [y], marker, color=colour, markersize=4)
    last = int(part["blocks"].max())
    ticks = sorted({0, last // 2, last})
    axis.set_xticks([*ticks, last + 1], [*map(str, ticks[:-1]), f"{last} ", " end"])
    axis.set(xlim=(-1.3, last + 1.6), xlabel="layer")
    axis.set_title("from which layer on")
    axis.tick_params(axis="y", left=False)
