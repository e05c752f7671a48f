"""Will it work with my model? What linmech needs to know of a checkpoint, tried on a picture of its own."""

import resource
import statistics
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import torch
import yaml
from PIL import Image

from linmech.engine.agreement import disagreement
from linmech.engine.beliefs import beliefs, readout
from linmech.models.encoding import Encoded, encode, positions
from linmech.models.framing import WHOLE, Box, shown
from linmech.models.vlm import VLM, load_model
from linmech.questions.answers import AnswerScores
from linmech.questions.asking import ask
from linmech.stimuli.visuals import Video, Visual

SIDE, FRAMES = 448, 8
NOUNS = ("ball", "box")
MIN_MASS = 0.05  # config.yaml's min_mass: items below it are undecided
RUNS = 3


@dataclass(frozen=True)
class Source:
    """Where a model comes from and how it is loaded: the keys of its stanza (see `load_model`)."""

    source: str
    name: str = ""
    revision: str | None = None
    dtype: str = "float32"
    device: str = "cpu"
    frame_newlines: str | None = None
    frame_patches: str | None = None
    pixels: list[int] | None = None
    tiles: int | None = None
    date: str | None = None
    pad_to_square: bool | None = None

    def load(self) -> VLM:
        """The model; raises what `load_model` raises."""
        return load_model(**asdict(self))


def check(source: Source, video: bool = True) -> Iterator[str]:
    """What is found, line by line, as it is found; the last is the stanza to paste. Raises LinmechError where the model
    cannot be used, in one line that says why.

    `video`: look at videos too, where the processor takes them.
    """
    began = time.monotonic()
    vlm = source.load()
    config = vlm.model.config
    count = sum(parameter.numel() for parameter in vlm.model.parameters())
    named = f"{type(vlm.model).__name__} ({config.model_type})"
    yield f"{named}, {count / 1e6:,.1f} M parameters, {vlm.dtype}, {vlm.device}"
    yield f"{vlm.n_layers} blocks, residual stream of {vlm.hidden}; loaded in {time.monotonic() - began:.0f} s"
    kinds = ["image"] + ["video"] * (video and _takes_videos(vlm))
    for kind in kinds:
        yield from _about(vlm, kind)
    yield f"memory: {_memory_mb(vlm):,} MB at most so far"
    yield "the stanza:\n\n" + stanza(source, vlm)


def _about(vlm: VLM, kind: str) -> Iterator[str]:
    """Tokens, answers, speed and the fast way of pictures or of videos."""
    visual, asked = picture(kind), ask("left-right", *NOUNS)
    prompt = encode(vlm, [visual], [asked])
    what = f"{FRAMES} frames" if kind == "video" else "an image"
    seen, words = len(positions(prompt, 0, "image", vlm)), prompt.lengths[0]
    yield f"{what} of {SIDE} x {SIDE}: {seen} tokens; with the question {words}"
    if (part := shown(vlm.processor, (SIDE, 2 * SIDE), kind)) != WHOLE:
        yield f"of {kind}s twice as wide as high it sees {_part(part)}"
    if kind == "image":
        yield f"asked: {asked.text}"
        yield f"nouns are read at {', '.join(_piece(vlm, prompt, role) for role in ('subject', 'reference'))}"
        forms = readout(vlm, prompt, 0)
        told = (sorted({vlm.tokenizer.decode(form) for form in own}) for own in (forms.first, forms.second))
        yield f"answers are {' against '.join(map(str, told))}"
    (clean,) = beliefs(vlm, prompt)
    yield f"it believes {_belief(clean, asked.options)}"
    yield f"one question about {what}: {_seconds(vlm, visual, asked):.2f} s"
    problem = disagreement(vlm, kind)
    yield f"{kind}s, the fast way: " + (f"NOT used, {problem}; sweeps are exact but slow" if problem else "holds")


def picture(kind: str) -> Visual:
    """A red ball left of a blue box on grey; of a video, all frames alike."""
    image = np.full((SIDE, SIDE, 3), 128, np.uint8)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    image[(x - 0.25) ** 2 + (y - 0.5) ** 2 < 0.15**2] = (200, 30, 30)
    image[(abs(x - 0.75) < 0.13) & (abs(y - 0.5) < 0.13)] = (30, 60, 200)
    return Video(np.stack([image] * FRAMES)) if kind == "video" else Image.fromarray(image)


def stanza(source: Source, vlm: VLM) -> str:
    """The model's stanza of `models:`, as YAML."""
    own = asdict(source)
    del own["name"]
    keys = {"source": own.pop("source"), "layers": vlm.n_layers} | own | {"memory_mb": _memory_mb(vlm)}
    keys |= {"sees": ["images", "videos"]} if _takes_videos(vlm) else {}
    name = "".join(letter if letter.isalnum() else "-" for letter in vlm.name.lower()).strip("-")
    known = {key: value for key, value in keys.items() if value is not None}
    return yaml.safe_dump({"models": {name or "my-model": known}}, sort_keys=False)


def _part(part: Box) -> str:
    left, _, right, _ = part
    if left <= 0:
        return "all, and a border above and below"
    return f"the middle {right - left:.0%} alone; pad_to_square: true (here --pad-to-square) shows all"


def _takes_videos(vlm: VLM) -> bool:
    return getattr(vlm.processor, "video_processor", None) is not None


def _piece(vlm: VLM, prompt: Encoded, role: str) -> str:
    """The token at which a noun is read, and where it stands."""
    place = positions(prompt, 0, role, vlm)[0]
    token = int(prompt.inputs["input_ids"][0, place])
    return f"{vlm.tokenizer.decode([token])!r} ({place})"


def _belief(clean: AnswerScores, options: tuple[str, str]) -> str:
    first, second = options
    likelier = first if clean.d > 0 else second
    told = f"{likelier!r} by {abs(clean.d):.2f} nats; both answers hold {clean.mass:.1%} of the probability"
    if clean.mass < MIN_MASS:
        told += f": below {MIN_MASS:.0%}, its items would be undecided (set min_mass, or ask in other words)"
    return told


def _seconds(vlm: VLM, visual: Visual, asked: object) -> float:
    taken = []
    for _ in range(RUNS):
        began = time.monotonic()
        beliefs(vlm, encode(vlm, [visual], [asked]))
        taken.append(time.monotonic() - began)
    return statistics.median(taken)


def _memory_mb(vlm: VLM) -> int:
    """The most that was held so far, on the GPU where the model is there, rounded up to 100 MB."""
    on_gpu = vlm.device.type == "cuda"
    held = torch.cuda.max_memory_allocated() if on_gpu else 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return 100 * -(-held // 100_000_000)
