"""The whole path of a model of videos, small: videos, cache, IDs, experiments, Figures 10, A13 and A17."""

from functools import partial
from pathlib import Path

from discs import VIEWS, discs
from families import LAYERS, NOUNS, OPTIONS, WHOLE, save
from linmech.activations.caching import cache_rows
from linmech.experiments import displacing, steering, swapping
from linmech.experiments.tables import write_moved, write_table
from linmech.figures.time import fig10, figa13, figa17
from linmech.models.declared import Declared
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.layouts import clips, frames, words
from stored import composed

SIDE, FRAMES = 56, 4
ASKS = {"side": SIDE, "asks": ["before-after"]}
IN_TIME = {"kind": "before-after", "coordinate": "frame", "min_mass": 1e-9, "items": 2}
MOVES = {"draws": 1, "displacements": (-2.0, -1.0, 1.0, 2.0)}
CHANGES = {"reverse-frames": "reverse", "mirror-frames": "mirror", "recolour-frames": "recolour:1"}
TOKENS = {"before-after-reference": ("reference",), "before-after-both": ("subject", "reference")}


def sprites() -> dict:
    """The discs under the tiny models' nouns."""
    names = dict(zip(sorted({noun for noun, _ in discs()}), NOUNS, strict=False))
    return {(names[noun], view): pixels for (noun, view), pixels in discs().items() if noun in names}


def made(folder: Path, name: str, layout, **settings) -> Dataset:
    """A data set of one layout, asked about before and after."""
    stimuli = layout.lay_out(NOUNS[:4], VIEWS, 0, name, **ASKS, **settings)
    return composed(folder / name, stimuli, sprites(), SIDE)


def datasets(folder: Path) -> dict[str, Dataset]:
    """The data sets by name."""
    long = {"frames": FRAMES}
    return {
        "frames": made(folder, "frames", frames, pairs=8, arrangements=12, sizes=[24], **long),
        "space-time": made(folder, "space-time", frames, pairs=8, arrangements=24, sizes=[18], places=2, **long),
        "clips": made(folder, "clips", clips, items=9, spread=0.1, **long),
        "time-words": made(folder, "time-words", words, pairs=2),
    }


class Filmed:
    """The tables and IDs of a tiny member of one family, made as the workflow makes them."""

    def __init__(self, family: str, folder: Path, derive):
        self.folder, self.name = folder, family.replace("_", "-")
        self.data = datasets(folder)
        options = (OPTIONS | WHOLE).get(family, {})
        self.model = Declared(self.name, str(save(family, folder)), LAYERS, **options).identified()
        self.vlm = self.model.load()
        roles = {"time-words": ["relation"], "clips": ["relation"]}
        for reading, data in self.data.items():
            cached = folder / "activations" / reading
            cache_rows(self.model, data, cached, roles=roles.get(reading, ["subject", "reference"]))
        seen = {reading: self.layers(reading) for reading in roles}
        for reading, kind, coordinates, read in (
            ("frames", "temporal", ["frame"], seen), ("space-time", "space-time", ["column", "frame"], {}),
        ):  # fmt: skip
            output = folder / "ids" / kind / f"{self.name}.h5"
            output.parent.mkdir(parents=True)
            derive(
                self.layers(reading), self.data[reading].folder, read, output, kind=kind, coordinates=coordinates,
                held_out=0.5,
            )  # fmt: skip

    def layers(self, reading: str) -> list[Path]:
        """The layer files of a reading."""
        return [self.folder / "activations" / reading / f"layer_{layer}.h5" for layer in range(LAYERS + 1)]

    def ids(self, kind: str) -> Path:
        """The file of a kind of IDs."""
        return self.folder / "ids" / kind / f"{self.name}.h5"

    def swapped(self) -> dict[str, list[Path]]:
        """The tables of swapping, by experiment."""
        return {name: [self._swapped(name, change)] for name, change in CHANGES.items()}

    def displaced(self) -> dict[str, list[Path]]:
        """The tables of displacing, by experiment."""
        return {name: [self._displaced(name)] for name in fig10.DISPLACED}

    def steered(self) -> list[Path]:
        """The table of steering's before-after."""
        settings = steering.Settings("before-after", draws=1, few=1, images="others", **IN_TIME)
        return [self._moved("steering", "before-after", settings, steering.steer, (2,))]

    def plot(self, folder: Path, dpi: int = 60) -> dict[str, dict[str, Path]]:
        """Figures 10, A13 and A17; their files by figure and ending."""
        outputs = {
            name: {end: folder / f"{name}.{end}" for end in ("pdf", "png", "csv")}
            for name in ("fig10", "figa13", "figa17")
        }
        temporal, both = [self.ids("temporal")], [self.ids("space-time")]
        fig10.plot(self.swapped(), self.displaced(), self.steered(), temporal, **outputs["fig10"], dpi=dpi)
        figa13.plot(temporal, **outputs["figa13"], dpi=dpi)
        figa17.plot(both, **outputs["figa17"], dpi=dpi)
        return outputs

    def _swapped(self, name: str, change: str) -> Path:
        path = self._path("swapping", name)
        settings = swapping.Settings(
            name, "before-after", change, ("image", "text", "nouns", "last"), items=2, min_mass=1e-9
        )
        table = partial(_swap, self.vlm, settings)
        write_table(path, self.model, self.vlm, [self.data["clips"]], settings, table, code=swapping.__name__)
        return path

    def _displaced(self, name: str) -> Path:
        depths = name == "time-depths"
        how = {"images": "explored" if depths else "others", "tokens": TOKENS.get(name, ("subject",))}
        settings = displacing.Settings(name, **IN_TIME, **MOVES, **how)
        layers = (0, 2, LAYERS) if depths else (2,)
        return self._moved("displacing", name, settings, displacing.displace, layers)

    def _moved(self, stage: str, name: str, settings: object, experiment, layers) -> Path:
        path = self._path(stage, name)
        write_moved(path, self.model, self.ids("temporal"), list(layers), [self.data["clips"]], settings, experiment)
        return path

    def _path(self, stage: str, name: str) -> Path:
        path = self.folder / stage / name / f"{self.name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _swap(vlm, settings: swapping.Settings, dataset: Dataset, progress):
    return swapping.swap_all(vlm, dataset, settings, progress)
