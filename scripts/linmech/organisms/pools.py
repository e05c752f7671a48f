"""What an organism is trained and tested on: composed images and scenes of the objects of an index."""

from collections.abc import Callable
from pathlib import Path

from linmech.objects.index import read_index
from linmech.objects.meshes import load_mesh
from linmech.organisms.curriculum import BINDING
from linmech.organisms.lesson_pool import Pool, join, make_pool
from linmech.organisms.trainer.pool_files import kept
from linmech.stimuli.sprites import load_sprites
from linmech.stimuli.stage import Stage, stage_source

SIDE, PATCH, QUESTIONS, SCENE_SHARE = 128, 16, 8, 0.33


def make_pools(
    index: str | Path, sprites: str | Path, images: int, test_images: int, seed: int, binding_share: float, folder: Path
) -> tuple[list[str], dict[str, Pool]]:
    """The nouns, and the pools train, composed and scenes; what is made is kept in `folder`, and read again from there.

    The first `binding_share` of the `images` of train ask only which noun is where. composed and scenes are held out.
    """
    drawn, scenes = load_sprites(sprites), scenes_of(index)
    nouns = sorted({noun for noun, _ in drawn})
    binding = round(binding_share * images)

    def pool(name: str, count: int, held_out: bool, **how) -> Pool:
        shape = dict(side=SIDE, patch=PATCH, per_image=QUESTIONS, scenes=scenes, held_out=held_out)
        return kept(folder / f"{name}.npz", lambda: make_pool(nouns, drawn, count, seed, name, **shape, **how))

    return nouns, {
        "train": join(
            pool("binding", binding, False, weights=BINDING),
            pool("train", images - binding, False, scene_share=SCENE_SHARE),
        ),
        "composed": pool("test", test_images, True),
        "scenes": pool("test-scenes", test_images // 2, True, scene_share=1),
    }


def scenes_of(index: str | Path) -> Callable:
    """Scenes of the objects of an index, as `make_pool` takes them."""
    objects = read_index(index).itertuples()
    return stage_source(Stage({row.noun: load_mesh(row.file, row.colour, row.up) for row in objects}, SIDE))
