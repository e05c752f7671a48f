"""linmech check SOURCE: will it work with my model? One minute, and the stanza to paste.

linmech probe PHOTO NOUN NOUN: what a model answers about a photograph, and where it believes things are.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from linmech.errors import EXIT_BAD_INPUT, LinmechError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand; returns the exit code. Bad input is one line on stderr and the code 2."""
    asked = parser().parse_args(arguments)
    try:
        return asked.run(asked)
    except LinmechError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser("linmech", description="What a user asks of one model, without a workflow.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="will it work with my model? tries it, prints the stanza to paste")
    check.add_argument("source", help="a folder with config.json and safetensors, or a Hub id")
    check.add_argument("--revision", help="commit, tag or branch of a Hub id")
    check.add_argument("--name", default="", help="how the stanza calls it")
    check.add_argument("--dtype", default="float32", help="float32, bfloat16 or float16")
    check.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, auto, ...")
    check.add_argument("--frame-newlines", choices=["rows"], help="rows: a converted LLaVA-Video")
    check.add_argument("--frame-patches", choices=["all"], help="all: VideoLLaMA3 keeps patches that do not change")
    check.add_argument("--pixels", nargs=2, type=int, metavar=("LEAST", "MOST"), help="an image's area (Qwen's kin)")
    check.add_argument("--tiles", type=int, help="how many tiles an image is cut into at most (InternVL, Llama)")
    check.add_argument("--date", help="today in the chat template, as 26 Jul 2024")
    check.add_argument(
        "--pad-to-square",
        action="store_const",
        const=True,
        help="whole pictures where ends are cut off (LLaVA-1.5)",
    )
    check.add_argument("--no-video", dest="video", action="store_false", help="look at images alone")
    check.set_defaults(run=_check)
    probe = commands.add_parser("probe", help="one photograph, two nouns: the answer, and where it comes from")
    probe.add_argument("photo", type=Path, help="an image file")
    probe.add_argument("nouns", nargs=2, metavar="NOUN", help="the two things to ask about")
    probe.add_argument("--model", required=True, help="a model of a finished run, by its stanza's name")
    probe.add_argument("--results", type=Path, default=Path("results"), help="the run's folder (default: results)")
    probe.add_argument("--kind", default="left-right", help="left-right (default) or above-below")
    probe.add_argument("--box", action="append", default=[], metavar="NOUN:X0,Y0,X1,Y1", help="where a noun truly is")
    probe.add_argument("--device", default="cpu")
    probe.add_argument(
        "--out", type=Path, default=Path("probe"), help="writes OUT.png, OUT.pdf, OUT.json (default: probe)"
    )
    probe.set_defaults(run=_probe)
    return top


def _probe(asked: argparse.Namespace) -> int:
    from linmech.console.telling import probe_photo

    boxes = dict(_box(text) for text in asked.box)
    print(
        probe_photo(
            asked.photo, asked.nouns, asked.model, asked.results, asked.out, asked.kind, boxes, device=asked.device
        )
    )
    return 0


def _box(text: str) -> tuple[str, tuple[float, ...]]:
    """NOUN:X0,Y0,X1,Y1 as (noun, box). LinmechError for anything else."""
    noun, _, edges = text.rpartition(":")
    try:
        left, top, right, bottom = (float(edge) for edge in edges.split(","))
    except ValueError:
        left = right = top = bottom = 0.0
    if not noun or left >= right or top >= bottom:
        raise LinmechError(f"--box {text}: write NOUN:X0,Y0,X1,Y1, the edges of its box in pixels")
    return noun, (left, top, right, bottom)


def _check(asked: argparse.Namespace) -> int:
    from linmech.console.checking import Source, check  # torch takes seconds: not for a wrong command line

    known = {field.name: getattr(asked, field.name) for field in fields(Source)}
    for line in check(Source(**known), asked.video):
        print(line, flush=True)
    return 0
