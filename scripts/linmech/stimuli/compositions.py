"""What a visual is composed of, and the visual itself: a pure function of the composition and the sprites."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageFilter

from linmech.seeds import integer
from linmech.stimuli.backgrounds import background
from linmech.stimuli.composer import Placement, Sprites, drawn
from linmech.stimuli.visuals import Video

Frames = UInt8[np.ndarray, "frame height width rgb=3"]


@dataclass(frozen=True)
class Composition:
    """Things over the background of a seed, `side` pixels wide, in one frame (an image) or several (a video).

    A thing is drawn in the frames that it is seen in. `mirrored`: left and right are exchanged of the things, not of
    what is behind them. `blur`: the radius of a blur of the whole, as a share of the side; `contrast`: the share of it
    that is left. From frame `cut` on (0: never), another background is behind the things.
    """

    placements: tuple[Placement, ...]
    background: int
    side: int
    frames: int = 1
    mirrored: bool = False
    blur: float = 0.0
    contrast: float = 1.0
    cut: int = 0


def visual_of(composition: Composition, sprites: Sprites) -> Image.Image | Video:
    """The image or video of a composition. Raises LinmechError for a noun or view without a sprite."""
    frames = _seen(_frames(composition, sprites), composition)
    return Video(frames) if len(frames) > 1 else Image.fromarray(frames[0])


def _frames(composition: Composition, sprites: Sprites) -> Frames:
    along = -1 if composition.mirrored else 1
    seeds = [composition.background, integer(composition.background, "after the cut")][: 2 if composition.cut else 1]
    scenes = [np.ascontiguousarray(background(seed, composition.side)[:, ::along]) for seed in seeds]
    behind = [scenes[int(0 < composition.cut <= number)] for number in range(composition.frames)]
    seen = ([p for p in composition.placements if not p.frames or n in p.frames] for n in range(composition.frames))
    shown = [drawn(some, sprites, scene) for some, scene in zip(seen, behind, strict=True)]
    return np.ascontiguousarray(np.stack(shown)[:, :, ::along])


def _seen(frames: Frames, composition: Composition) -> Frames:
    """The frames with less contrast about their mean grey, and blurred."""
    if composition.contrast != 1:
        frames = frames.mean() + composition.contrast * (frames - frames.mean())
        frames = frames.round().clip(0, 255).astype(np.uint8)
    if composition.blur:
        soft = ImageFilter.GaussianBlur(float(composition.blur * composition.side))
        frames = np.stack([np.asarray(Image.fromarray(frame).filter(soft)) for frame in frames])
    return frames
