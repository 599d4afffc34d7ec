"""A sheet of 1600 by 900 units to draw on, at twice that size so that edges come out smooth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1600, 900
_SCALE = 2

Colour = tuple[int, int, int]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a section, from dark to light, and two that stand out."""

    deep: Colour
    dark: Colour
    mid: Colour
    soft: Colour
    pale: Colour
    accent: Colour
    second: Colour


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """The colour that lies this share (0 to 1) of the way from one to the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def turned(points: Iterable[Point], centre: Point, angle: float) -> list[Point]:
    """The points turned around the centre by so many radians, clockwise on the sheet."""
    x0, y0 = centre
    cos, sin = math.cos(angle), math.sin(angle)
    return [(x0 + (x - x0) * cos - (y - y0) * sin, y0 + (x - x0) * sin + (y - y0) * cos) for x, y in points]


class Canvas:
    """Shapes in units of the sheet; an `alpha` below 255 lets what lies beneath shine through."""

    def __init__(self, top: Colour, bottom: Colour) -> None:
        size = (WIDTH * _SCALE, HEIGHT * _SCALE)
        ramp = Image.linear_gradient("L").resize(size)
        self._image = Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)
        self._pen = ImageDraw.Draw(self._image, "RGBA")

    def polygon(self, points: Iterable[Point], fill: Colour, alpha: int = 255) -> None:
        """A filled shape."""
        self._pen.polygon([(x * _SCALE, y * _SCALE) for x, y in points], fill=(*fill, alpha))

    def box(
        self, x: float, y: float, width: float, height: float, fill: Colour, alpha: int = 255, r: float = 0
    ) -> None:
        """A rectangle from its upper left corner, with corners of radius r."""
        edges = (x * _SCALE, y * _SCALE, (x + width) * _SCALE, (y + height) * _SCALE)
        self._pen.rounded_rectangle(edges, radius=r * _SCALE, fill=(*fill, alpha))

    def disc(self, x: float, y: float, radius: float, fill: Colour, alpha: int = 255) -> None:
        """A filled circle."""
        edges = ((x - radius) * _SCALE, (y - radius) * _SCALE, (x + radius) * _SCALE, (y + radius) * _SCALE)
        self._pen.ellipse(edges, fill=(*fill, alpha))

    def ring(self, x: float, y: float, radius: float, width: float, fill: Colour, turn: tuple[float, float]) -> None:
        """A part of a circle's edge, between two angles in degrees, clockwise from three o'clock."""
        edges = ((x - radius) * _SCALE, (y - radius) * _SCALE, (x + radius) * _SCALE, (y + radius) * _SCALE)
        self._pen.arc(edges, turn[0], turn[1], fill=fill, width=round(width * _SCALE))

    def line(self, points: Sequence[Point], width: float, fill: Colour, alpha: int = 255) -> None:
        """A line through the points. An opaque one gets round ends."""
        path = [(x * _SCALE, y * _SCALE) for x, y in points]
        self._pen.line(path, fill=(*fill, alpha), width=max(1, round(width * _SCALE)), joint="curve")
        if alpha == 255 and width >= 3:
            for x, y in (points[0], points[-1]):
                self.disc(x, y, width / 2, fill)

    def finished(self) -> Image.Image:
        """The sheet at its own size."""
        return self._image.reduce(_SCALE)
