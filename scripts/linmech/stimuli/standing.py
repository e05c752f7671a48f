"""Where the objects of a scene stand: on the ground, or at heights that do not follow from their depths (Fig 7).

On a ground plane the lower of two objects in the picture is always the nearer one. Here an object may also stand on a
prop or hover: a scene is *tied* (of any two things the lower one is the nearer one) or its contrary, as drawn before.
Lengths are in metres, angles in degrees, u and v in shares of the picture's side from its top left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from linmech.questions import relations
from linmech.rendering.ground import Camera
from linmech.stimuli.bodies import Body, Spot, Thing

GAP, DEPTH_GAP = 0.15, 0.7  # what is clearly apart: share of the side; metres
STEP, DEPTH_STEP = GAP + 0.03, DEPTH_GAP + 0.05  # what is drawn: the box that is seen is not quite the one drawn
DEPTHS = (3.3, 6.8)  # how far away objects are
NEAREST = (3.3, 4.8)  # how far away the nearer one of the first two is
TRIES, BYSTANDER_TRIES = 100, 30


@dataclass(frozen=True)
class Order:
    """How height and depth go together: `tied` = the lower one is the nearer one; `nearer` of the first two things."""

    tied: bool
    nearer: int

    @classmethod
    def drawn(cls, rho: float | int, draw: np.random.Generator) -> "Order":
        """An order that is tied with probability `rho`."""
        return cls(bool(draw.random() < rho), int(draw.integers(2)))

    def holds(self, things: Sequence[relations.Thing], side: float | int) -> bool:
        """Whether the first two things (pixels, metres) are clearly apart in height and in depth, and in this order."""
        lower = relations.gap("above-below", *things[:2]) / side
        nearer = -relations.gap("front-behind", *things[:2])
        clear = abs(lower) > GAP and abs(nearer) > DEPTH_GAP
        return clear and (nearer > 0) == (self.nearer == 0) and ((lower > 0) == (nearer > 0)) == self.tied


def on_the_ground(count: int, draw: np.random.Generator) -> list[Spot]:
    """Spots of objects on the ground that keep their distance."""
    while True:
        places = np.stack([draw.uniform(-1.5, 1.5, count), draw.uniform(-2.6, 0.4, count)], 1)
        gaps = np.linalg.norm(places[:, None] - places[None], axis=-1)[np.triu_indices(count, 1)]
        if (gaps > 0.8).all():
            return [Spot(float(x), float(z), draw.uniform(-60, 60), draw.uniform(0.75, 1.05)) for x, z in places]


def at_heights(shapes: Sequence[np.ndarray], camera: Camera, order: Order, draw: np.random.Generator) -> list[Spot]:
    """Spots of objects with these extents (x, y, z) in an `order`; [] where none are found.

    Nothing hides another thing, its prop or its shadow. The first two are clearly apart in height and in depth; further
    ones only keep the order with all others.
    """
    for _ in range(TRIES):
        things = _two([Body.drawn(shape, draw) for shape in shapes[:2]], camera, order, draw)
        for shape in shapes[2:]:
            things += _bystander(things, shape, camera, order, draw) if things else []
        if len(things) == len(shapes) and things[0].is_free_of(things[1:2]):
            return [thing.spot for thing in things]
    return []


def _two(bodies: Sequence[Body], camera: Camera, order: Order, draw: np.random.Generator) -> list[Thing]:
    """The first two things, or [] where these bodies find no place in depths that are drawn."""
    near = draw.uniform(*NEAREST)
    depths = [near, draw.uniform(near + DEPTH_STEP, max(near + DEPTH_STEP, min(near + 2.4, DEPTHS[1])))]
    depths = depths if order.nearer == 0 else depths[::-1]
    low, high = (order.nearer, 1 - order.nearer) if order.tied else (1 - order.nearer, order.nearer)
    wide, tall, ground = np.array([body.seen(camera, depth) for body, depth in zip(bodies, depths, strict=True)]).T
    floor = np.minimum(ground, 1 - tall)
    if tall[high] + STEP > floor[low]:
        return []
    v = np.zeros(2)
    v[low] = _height(tall[high] + STEP, floor[low], ground[low], draw)
    if tall[high] > min(floor[high], v[low] - STEP):
        return []
    v[high] = _height(tall[high], min(floor[high], v[low] - STEP), ground[high], draw)
    slack, left = 1 - 2 * wide.sum(), int(draw.integers(2))
    if slack < 0:
        return []
    u, ends = np.zeros(2), slack * np.sort(draw.random(2))
    u[left], u[1 - left] = wide[left] + ends[0], 1 - wide[1 - left] - slack + ends[1]
    places = zip(bodies, u, v, depths, v == ground, strict=True)
    return [body.placed(camera, [*map(float, place)], bool(stands), draw) for body, *place, stands in places]


def _bystander(
    things: Sequence[Thing], shape: np.ndarray, camera: Camera, order: Order, draw: np.random.Generator
) -> list[Thing]:
    """One more thing that hides no other, or [] where none is found."""
    for _ in range(BYSTANDER_TRIES):
        body, depth = Body.drawn(shape, draw), float(draw.uniform(*DEPTHS))
        wide, tall, ground = body.seen(camera, depth)
        over = [other.v for other in things if (depth < other.depth) == order.tied]
        under = [other.v for other in things if (depth < other.depth) != order.tied]
        least, most = max([tall, *over]), min([ground, 1 - tall, *under])
        if least < most and wide < 0.5:
            v, u = _height(least, most, ground, draw), draw.uniform(wide, 1 - wide)
            thing = body.placed(camera, [float(u), v, depth], v == ground, draw)
            if thing.is_free_of(things):
                return [thing]
    return []


def _height(least: float, most: float, ground: float, draw: np.random.Generator) -> float:
    """A v between two: on the ground every second time, where that is one of them."""
    return float(ground if ground <= most and draw.random() < 0.5 else draw.uniform(least, most))
