"""What an organism is trained and tested on: images, scenes or videos of the objects of an index."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from linmech.objects.index import read_index
from linmech.objects.meshes import load_mesh
from linmech.organisms.lessons.curriculum import BINDING, BINDING_IN_TIME, OF_VIDEOS, WEIGHTS, unplaced
from linmech.organisms.lessons.pool import Pool, join, make_pool
from linmech.organisms.lessons.pool_files import kept
from linmech.organisms.lessons.videos import make_video_pool
from linmech.stimuli.sprites import load_sprites
from linmech.stimuli.stage import Stage, stage_source

SIDE, PATCH, QUESTIONS, SCENE_SHARE = 128, 16, 8, 0.33
TOKEN = 2 * PATCH  # of a frame: four patches are one token


@dataclass(frozen=True)
class Syllabus:
    """How many images there are, and what is asked of them.

    The first `binding_share` of the training images ask only which noun is where. `unasked`: kinds of questions
    that are left out. `unplaced`: how many nouns never occur in a question about a place. `rho`: how often the lower
    object of a scene is the nearer one; None = always, and of scenes no above/below is asked. `frames`: of videos, 0 =
    images; `binding_frames`: in which of them, the first, the objects of the first videos are seen, 0 = in any.
    """

    images: int
    test_images: int
    binding_share: float
    unasked: Sequence[str]
    unplaced: int
    rho: float | None
    frames: int = 0
    binding_frames: int = 0
    side: int = SIDE


def make_pools(
    index: str | Path, sprites: str | Path, syllabus: Syllabus, seed: int, folder: Path
) -> tuple[list[str], dict[str, Pool]]:
    """The nouns, and the pools train, composed, scenes and, where there are such nouns, unplaced; of videos train,
    videos, moments (whose pairs of frames train has not either) and unplaced.

    All but train hold pairs that train has not. What is made is kept in `folder`, and read again from there.
    """
    if syllabus.frames:
        return _video_pools(sprites, syllabus, seed, folder)
    drawn, scenes = load_sprites(sprites), scenes_of(index, syllabus.rho)
    nouns = sorted({noun for noun, _ in drawn})
    apart = unplaced(nouns, syllabus.unplaced, seed)
    binding, tests = round(syllabus.binding_share * syllabus.images), syllabus.test_images

    def pool(name: str, count: int, held_out: bool, weights: dict[str, float] = WEIGHTS, **how) -> Pool:
        asked = _asked(weights, syllabus)
        shape = dict(
            side=syllabus.side, patch=PATCH, per_image=QUESTIONS, scenes=scenes, held_out=held_out, weights=asked
        )
        shape |= dict(untied=syllabus.rho is not None, unplaced=apart)
        return kept(folder / f"{name}.npz", lambda: make_pool(nouns, drawn, count, seed, name, **shape, **how))

    train = pool("train", syllabus.images - binding, False, scene_share=SCENE_SHARE)
    pools = {
        "train": join(pool("binding", binding, False, BINDING), train) if binding else train,
        "composed": pool("test", tests, True),
        "scenes": pool("test-scenes", tests // 2, True, scene_share=1),
    }
    return nouns, pools | ({"unplaced": pool("test-unplaced", tests // 2, True, about_unplaced=True)} if apart else {})


def _video_pools(sprites: str | Path, syllabus: Syllabus, seed: int, folder: Path) -> tuple[list[str], dict[str, Pool]]:
    """As `make_pools`, of videos."""
    drawn = load_sprites(sprites)
    nouns = sorted({noun for noun, _ in drawn})
    apart = unplaced(nouns, syllabus.unplaced, seed)
    binding, tests = round(syllabus.binding_share * syllabus.images), syllabus.test_images

    def pool(name: str, count: int, held_out: bool, weights: dict[str, float] = OF_VIDEOS, **how) -> Pool:
        asked = _asked(weights, syllabus)
        shape = dict(frames=syllabus.frames, side=syllabus.side, patch=TOKEN, per_video=QUESTIONS, held_out=held_out)
        shape |= dict(weights=asked, unplaced=apart)
        return kept(folder / f"{name}.npz", lambda: make_video_pool(nouns, drawn, count, seed, name, **shape, **how))

    train, first = pool("train", syllabus.images - binding, False), syllabus.binding_frames
    pools = {
        "train": join(pool("binding", binding, False, BINDING_IN_TIME, within=first), train) if binding else train,
        "videos": pool("test", tests, True),
        "moments": pool("test-moments", tests // 2, True, moments=True),
    }
    return nouns, pools | ({"unplaced": pool("test-unplaced", tests // 2, True, about_unplaced=True)} if apart else {})


def _asked(weights: Mapping[str, float], syllabus: Syllabus) -> dict[str, float]:
    """The weights of the kinds of questions that are asked."""
    return {kind: weight for kind, weight in weights.items() if kind not in syllabus.unasked}


def scenes_of(index: str | Path, rho: float | None = None) -> Callable:
    """Scenes of the objects of an index, as `make_pool` takes them; `rho` as for `Stage.scene`."""
    objects = read_index(index).itertuples()
    return stage_source(Stage({row.noun: load_mesh(row.file, row.colour, row.up) for row in objects}, SIDE), rho)
