"""The commands of Snakemake that the docs name."""

import re
import shlex
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/**/*.md")),
]


def commands() -> dict[tuple[str, ...], set[str]]:
    """The targets of all commands of Snakemake in the docs, by the files of configuration that are named."""
    found = defaultdict(set)
    for page in PAGES:
        for command in re.findall(r"\bsnakemake (-[^`\n#]*)", (ROOT / page).read_text()):
            words = shlex.split(command.replace("\\", " "))
            files = tuple(word for word in words if word.endswith(".yaml"))
            found[files] |= {word for word in words if word.startswith("results/") and "my-model" not in word}
    return found


COMMANDS = commands()
