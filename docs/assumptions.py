"""List where the code departs from the paper, or fills in what it does not say: the comments that begin with ASSUME.

python docs/assumptions.py > docs/assumptions.md        # a test fails while the two differ
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMENT = re.compile(r"^ *(?:.*?  )?# ASSUME: (.*)\n((?: *# .*\n)*)", re.M)
HEAD = """# Where we depart from the paper, or fill in what it does not say

Made from the comments in the code that begin with ASSUME, by `python docs/assumptions.py > docs/assumptions.md`.

| what | where |
|---|---|"""


def listed() -> list[tuple[str, str]]:
    """(assumption, file) of every comment, by file."""
    found = []
    for path in sorted([*ROOT.glob("scripts/**/*.py"), *ROOT.glob("workflow/*.smk"), *ROOT.glob("*.yaml")]):
        for first, rest in COMMENT.findall(path.read_text()):
            lines = [first, *(line.strip().removeprefix("#").strip() for line in rest.splitlines())]
            found.append((" ".join(lines).replace("|", "\\|"), path.relative_to(ROOT).as_posix()))
    return found


if __name__ == "__main__":
    print(HEAD)
    for assumption, file in listed():
        print(f"| {assumption[0].upper()}{assumption[1:]} | `{file}` |")
