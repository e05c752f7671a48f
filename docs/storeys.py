"""Draw the storeys of the house from the contracts in pyproject.toml, so that the picture cannot go stale.

python docs/storeys.py > docs/storeys.svg        # a test fails while the two differ
"""

import ast
import textwrap
import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINMECH = ROOT / "scripts" / "linmech"
WIDTH, LINE, GAP, LEFT = 1000, 15, 8, 14
ABREAST = 5  # rooms of a storey side by side; the others stand close below
STYLE = """
  text { font-family: system-ui, sans-serif; fill: #1a1a1a; }
  .name { font-size: 15px; font-weight: 600; } .about { font-size: 12px; fill: #444; }
  .room { fill: #f2f5f9; stroke: #5b7aa5; } .root { fill: #f7f3ea; stroke: #a58a5b; }
"""


def storeys() -> list[list[str]]:
    """The rooms by storey, the top first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[room.strip() for room in layer.split("|")] for layer in layers]


def about(room: str) -> tuple[str, str]:
    """A room's first sentence, and how many modules it has ("" for a module at the root)."""
    folder = LINMECH / room
    file = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    first = ast.get_docstring(ast.parse(file.read_text())).split("\n\n")[0].replace("\n", " ")
    modules = [path for path in folder.rglob("*.py") if path.name != "__init__.py"] if folder.is_dir() else []
    return first, f"{len(modules)} modules" if modules else ""


def draw() -> str:
    """The picture as SVG text."""
    parts, top = [], GAP
    rows = [
        (rooms[a : a + ABREAST], a + ABREAST >= len(rooms))
        for rooms in storeys()
        for a in range(0, len(rooms), ABREAST)
    ]
    for rooms, last in rows:
        wide = (WIDTH - 2 * LEFT - GAP * (len(rooms) - 1)) / len(rooms)
        told = [textwrap.wrap(about(room)[0], int(wide / 6.8) - 3, max_lines=3, placeholder=" …") for room in rooms]
        high = 34 + LINE * max(map(len, told))
        for place, (room, lines) in enumerate(zip(rooms, told, strict=True)):
            left, count = LEFT + place * (wide + GAP), about(room)[1]
            kind = "room" if count else "root"
            parts.append(f'<rect class="{kind}" x="{left:.0f}" y="{top}" width="{wide:.0f}" height="{high}" rx="7"/>')
            name = f"{escape(room)}<tspan class='about'>{f'  {count}' if count else ''}</tspan>"
            parts.append(f'<text class="name" x="{left + 12:.0f}" y="{top + 22}" xml:space="preserve">{name}</text>')
            for number, words in enumerate(lines):
                where = f'x="{left + 12:.0f}" y="{top + 40 + LINE * number}"'
                parts.append(f'<text class="about" {where}>{escape(words)}</text>')
        top += high + (GAP if last else GAP // 4)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}">'
    page = f'<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>'
    return "\n".join([head, f"<style>{STYLE}</style>", page, *parts, "</svg>\n"])


if __name__ == "__main__":
    print(draw(), end="")
