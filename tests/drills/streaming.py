"""Many items, many edits: does memory stay bounded? Run by hand.

    python tests/drills/streaming.py table FOLDER [--items 1000] [--edits 10000] [--draws 20]
    python tests/drills/streaming.py sweep MODEL [--items 3] [--edits 10000]

`table`: `experiments.running.run` with beliefs that no model made, `--draws` of a row; FOLDER is made. `sweep`: a
model's sweep of so many edits of an image each. Prints the peak of main memory (MiB) after each tenth of the items.
"""

import argparse
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

import torch
from PIL import Image

from linmech.engine.interventions import Intervention
from linmech.engine.sweeps import sweep_encoded
from linmech.experiments.progress import Progress
from linmech.experiments.running import Reading, run
from linmech.models.encoding import encode
from linmech.models.vlm import load_model
from linmech.questions.answers import AnswerScores
from linmech.questions.asking import Question, ask
from linmech.stimuli.items import Item, Thing


def peak() -> float:
    """The most main memory that this process has held, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def table(folder: Path, items: int, edits: int, draws: int) -> None:
    """Run an experiment of `items` with `edits` readings each, every `draws` of them a row."""
    things = {role: Thing(noun) for role, noun in (("subject", "apple"), ("reference", "cup"))}
    asked = [Item(f"{n}", f"{n}", "left-right", things, "left", "right") for n in range(items)]
    clean = Reading(AnswerScores(-0.5, -1.0))
    made = [Reading(AnswerScores(-0.5 - n / edits, -1.0), {"layer": n // draws}) for n in range(edits)]
    seen: list[str] = []

    def measure(item: Item, question: Question) -> list[Reading]:
        if item.id not in seen[-1:]:
            seen.append(item.id)
            tell(len(seen), items)
        return [clean, *made]

    found = run(asked, measure, Progress(folder, "drill"), dataset="none", experiment="drill")
    print(f"{len(found)} rows of {items} x {edits} edits; {peak():.0f} MiB with the whole table")


def sweep(source: str, items: int, edits: int) -> None:
    """Sweep `edits` of a model's layers over `items` images of noise."""
    vlm, question = load_model(source), ask("left-right", "apple", "cup")
    for number in range(1, items + 1):
        torch.manual_seed(number)
        noise = torch.randint(0, 256, (128, 128, 3), dtype=torch.uint8).numpy()
        prompt = encode(vlm, [Image.fromarray(noise)], [question])
        vector = torch.nn.functional.normalize(torch.randn(vlm.hidden), dim=0)
        planned = [
            Intervention.at(vlm, prompt, n % (vlm.n_layers + 1), "subject", vector, mode="add", strength=n / edits)
            for n in range(edits)
        ]
        assert len(sweep_encoded(vlm, prompt, planned)) == edits + 1
        tell(number, items)


def tell(done: int, of: int) -> None:
    """Print the peak after each tenth."""
    if done % max(1, of // 10) == 0:
        print(f"{time.process_time():.0f} s of CPU, item {done}: {peak():.0f} MiB", flush=True)


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind, what, items in (("table", "folder", 1000), ("sweep", "model", 3)):
        one = kinds.add_parser(kind)
        one.add_argument(what)
        one.add_argument("--items", type=int, default=items)
        one.add_argument("--edits", type=int, default=10000)
    kinds.choices["table"].add_argument("--draws", type=int, default=20)
    given = parser.parse_args()
    if given.kind == "table":
        table(Path(given.folder), given.items, given.edits, given.draws)
    else:
        sweep(given.model, given.items, given.edits)


if __name__ == "__main__":
    main()
