"""linmech check SOURCE: will it work with my model? One minute, and the stanza to paste."""

import argparse
import sys
from collections.abc import Sequence

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
    check.add_argument("--no-video", dest="video", action="store_false", help="look at images alone")
    check.set_defaults(run=_check)
    return top


def _check(asked: argparse.Namespace) -> int:
    from linmech.console.checking import Source, check  # torch takes seconds: not for a wrong command line

    keys = ("source", "name", "revision", "dtype", "device", "frame_newlines")
    for line in check(Source(**{key: getattr(asked, key) for key in keys}), asked.video):
        print(line, flush=True)
    return 0
