"""What rounding may do to a model's numbers, and random prompts to look at it with."""

import torch
from PIL.Image import fromarray

from linmech.models.encoding import Encoded, encode
from linmech.models.vlm import VLM
from linmech.questions.asking import ask
from linmech.stimuli.visuals import Video

# By dtype: to a token's residual as a share of its norm, and to the log-probabilities in nats per nat of the largest
# effect (of one nat at least). Models on which the fast ways hold stay well below (test_agreement.py).
ROUNDING = {torch.float32: (1e-3, 1e-4), torch.float16: (0.01, 0.02), torch.bfloat16: (0.05, 0.1)}


def random_prompts(vlm: VLM, kind: str, draw: torch.Generator) -> tuple[Encoded, Encoded]:
    """Two questions, each alone, about one random visual of a `kind`: "image", or "video" of eight frames."""
    noise = torch.randint(0, 256, (8, 112, 112, 3), generator=draw, dtype=torch.uint8).numpy()
    visual = Video(noise) if kind == "video" else fromarray(noise[0])
    one, two = (encode(vlm, [visual], [ask("left-right", *nouns)]) for nouns in (("dog", "car"), ("cup", "hat")))
    return one, two
