"""What was found in a model, a sentence per section of the page: numbers of the figures' csv, with intervals."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from linmech.statistics.verdicts import NONE

LEVEL = 0.05
Tables = Mapping[str, pd.DataFrame]


def findings(tables: Tables, model: str) -> dict[str, str]:
    """The sentences about a model by section, of those sections whose table tells of it."""
    told = {}
    for section, (name, tell) in SECTIONS.items():
        if name in tables:
            own = tables[name]
            own = own[own["model"] == model] if "model" in own else own
            if len(own):
                told[section] = tell(own.reset_index(drop=True))
    return told


def number(value: float) -> str:
    """Two decimals, and a minus sign that is one."""
    return f"{value:.2f}".replace("-", "−") if np.isfinite(value) else "–"


def share(value: float) -> str:
    """A share in per cent."""
    return f"{100 * value:.0f} %" if np.isfinite(value) else "–"


def interval(low: float, high: float, shown: Callable[[float], str] = number) -> str:
    """An interval in brackets; "(no interval)" where there is none."""
    if not (np.isfinite(low) and np.isfinite(high)):
        return "(no interval)"
    return f"[{shown(low).removesuffix(' %')}, {shown(high).removesuffix(' %')}]"


def _shared(mark: pd.Series) -> str:
    return f"{share(mark['estimate'])} {interval(mark['low'], mark['high'], share)}"


def of_ids(codes: pd.DataFrame) -> str:
    """Which code the IDs are, at the layer whose IDs other objects reproduce best."""
    best = codes[codes["shown"].astype(bool)].iloc[0]
    if pd.isna(best["r2"]):
        return "No layer holds spatial IDs."
    named = "no code that can be named" if best["code"] == "none" else f"a {best['code']} code"
    named += ", copied from the tower’s positions" if pd.notna(best["copied"]) and best["copied"] else ""
    known = f" It was taught: {best['truth']}." if _told(best["truth"]) else ""
    return (
        f"At layer {best['layer']} its spatial IDs are {named}: of objects that the axes never saw, column and row "
        f"explain R² {number(best['r2'])}; shuffled cells reach {number(best['chance'])} (97.5 %).{known}"
    )


def of_moved(fig6: pd.DataFrame) -> str:
    """What share of answers follows the rule when the subject of left/right is moved, and what ruler that makes."""
    answers = fig6[(fig6["panel"] == "B") & (fig6["arm"] == "axis") & (fig6["experiment"] == "left-right")]
    fits = fig6[(fig6["panel"] == "B") & fig6["slope"].notna()]
    if answers.empty:
        return ""
    first = answers["dataset"].iloc[0]
    own = answers[answers["dataset"] == first].set_index("need")
    parts = []
    if "turn" in own.index:
        parts.append(f"turns {_shared(own.loc['turn'])} of the answers that should turn (n = {_n(own.loc['turn'])})")
    if "stay" in own.index:
        parts.append(f"leaves {_shared(own.loc['stay'])} of those that should stay (n = {_n(own.loc['stay'])})")
    said = f"Moving a noun by cells at layer {fig6['chosen_layer'].iloc[0]} {' and '.join(parts)}, about {first}."
    fit = fits[fits["dataset"] == first]
    if len(fit) and np.isfinite(fit["within"].iloc[0]):
        row = fit.iloc[0]
        ruler = interval(row["within_low"], row["within_high"])
        said += f" As a ruler, within one side: slope {number(row['within'])} {ruler}, where 1 is exact."
    return said


def of_exchanged(fig2: pd.DataFrame) -> str:
    """What share of beliefs is swapped when two nouns exchange their places, beside noise."""
    at = fig2[fig2["panel"] == "A"].set_index("arm")
    said = f"Exchanging two nouns’ places against its belief swaps {_shared(at.loc['axis'])} of beliefs"
    if "noise" in at.index:
        said += f"; noise of the same size {_shared(at.loc['noise'])}"
    return f"{said} (n = {_n(at.loc['axis'])}, layer {int(at.loc['axis', 'layer'])})."


def of_swaps(swaps: pd.DataFrame) -> str:
    """Where nouns carry most of what mirroring the picture does, and where image and text cross."""
    own = swaps[swaps["experiment"] == swaps["experiment"].iloc[0]]
    shares = own[(own["value"] == "share") & (own["selector"] == "nouns")].dropna(subset="estimate")
    said = []
    if len(shares):
        best = shares.loc[shares["estimate"].idxmax()]
        most = f"the nouns’ states carry most at layer {int(best['layer'])}: {_shared(best)} of the effect"
        if best["low"] <= 0:
            most = "the nouns’ states carry no clear share of the effect at any layer"
        said.append(f"Swapped with the run about the {_changed(own)} picture, {most} (n = {_n(best)}).")
    crossing = own[own["value"] == "crossing"].dropna(subset="estimate")
    if len(crossing):
        at = crossing.iloc[0]
        where = f"layer {number(at['estimate'])} {interval(at['low'], at['high'])}"
        said.append(f"Image and text carry equal shares at {where}.")
    return " ".join(said)


def of_wrong(fig8: pd.DataFrame) -> str:
    """Whether wrong answers go with wrong places."""
    at = fig8[fig8["statistic"] == "deviation"].iloc[0]
    if pd.isna(at["auc"]):
        return f"Only {int(at['wrong'])} wrong answers: too few to say what they have in common."
    counted = f"{int(at['right'])} right and {int(at['wrong'])} wrong"
    area = f"AUC {number(at['auc'])} {interval(at['low'], at['high'])}"
    beyond = at["low"] > 0.5
    if at["relabellings"] > 0:  # the stricter test: places that are read off any other directions
        beyond &= at["p_chance"] <= LEVEL
        chance = interval(at["chance_low"], at["chance_high"])
        area += f"; of IDs whose cells exchanged their names {chance}, p = {number(at['p_chance'])}"
    if beyond:
        return f"Wrong answers go with wrong places: {area} ({counted} ones of like gaps)."
    return f"Wrong answers do not clearly go with wrong places: {area}, where 0.5 is chance ({counted} ones)."


def of_verdict(verdict: pd.DataFrame) -> str:
    """Which part fails, and the evidence; or why there is no verdict."""
    row = verdict.iloc[0]
    if row["verdict"] == NONE:
        why = row["why"] if _told(row["why"]) else f"no part has clearly most of {int(row['wrong'])} wrong answers"
        return f"No part of it is said to fail: {why} (n = {int(row['items'])})."
    low, high = (row[f"{row['verdict']}_{end}"] for end in ("low", "high"))
    speaks = f"{share(row[row['verdict']])} {interval(low, high, share)}"
    return f"The part that fails is {row['verdict']}: {speaks} of its {int(row['wrong'])} wrong answers speak for it."


def of_emergence(emergence: pd.DataFrame) -> str:
    """At which step IDs first have a code, and answers are first better than guessing."""
    right = emergence[(emergence["panel"] == "A") & (emergence["low"] > 0.5)]
    shapes = emergence[(emergence["panel"] == "B") & (emergence["code"] != NONE)]
    last = emergence[emergence["panel"] == "A"].sort_values("step").iloc[-1]
    return (
        f"In training, IDs have a code {_first(shapes)}, and answers are better than guessing {_first(right)}; "
        f"{_shared(last)} are right at the end (n = {_n(last)})."
    )


def _first(checkpoints: pd.DataFrame) -> str:
    return f"first at step {int(checkpoints['step'].min())}" if len(checkpoints) else "at no step"


def _changed(own: pd.DataFrame) -> str:
    return "mirrored" if own["change"].iloc[0].startswith("mirror") else own["change"].iloc[0]


def _n(mark: pd.Series) -> int:
    return int(mark["items"])


def _told(text: object) -> bool:
    return isinstance(text, str) and bool(text)


SECTIONS = {
    "ids": ("codes", of_ids),
    "moved": ("fig6", of_moved),
    "exchanged": ("fig2", of_exchanged),
    "swaps": ("swaps", of_swaps),
    "wrong": ("fig8", of_wrong),
    "verdict": ("verdict", of_verdict),
    "emergence": ("emergence", of_emergence),
}
