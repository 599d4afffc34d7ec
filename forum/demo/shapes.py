"""Things that more than one line of a picture is needed for: towers, envelopes, keyholes, cables, curves."""

from __future__ import annotations

from random import Random

from forum.demo.canvas import HEIGHT, Canvas, Colour, Palette, Point, mix, turned


def tower(
    canvas: Canvas, chance: Random, frame: tuple[float, float, float, float], wall: Colour, light: Colour
) -> None:
    """A building that is a rack: slots for windows, and lamps in some of them."""
    x, y, width, height = frame
    canvas.box(x, y, width, height, wall, r=5)
    for level in range(round(y + 16), HEIGHT, 24):
        canvas.box(x + 10, level, width - 20, 12, mix(wall, light, 0.16), r=2)
        for lamp in range(3):
            if chance.random() < 0.45:
                canvas.disc(x + 20 + lamp * 13, level + 6, 3.4, light)


def keyhole(canvas: Canvas, x: float, y: float, radius: float, fill: Colour) -> None:
    """The hole that a key goes into."""
    canvas.disc(x, y, radius, fill)
    foot = [
        (x - radius * 0.45, y),
        (x + radius * 0.45, y),
        (x + radius, y + radius * 2.5),
        (x - radius, y + radius * 2.5),
    ]
    canvas.polygon(foot, fill)


def envelope(
    canvas: Canvas, centre: Point, width: float, angle: float, paper: Colour, ink: Colour, is_open: bool = False
) -> None:
    """A letter's cover around its centre, turned by an angle in radians; an open one shows its letter."""
    x, y = centre
    half, rise = width / 2, width / 3.1
    corners = [(x - half, y - rise), (x + half, y - rise), (x + half, y + rise), (x - half, y + rise)]
    canvas.polygon(turned([(px + width / 40, py + width / 30) for px, py in corners], centre, angle), ink, 70)
    canvas.polygon(turned(corners, centre, angle), paper)
    edge = mix(paper, ink, 0.45)
    if is_open:
        flap = [(x - half, y - rise), (x, y - rise * 2.3), (x + half, y - rise)]
        canvas.polygon(turned(flap, centre, angle), mix(paper, ink, 0.25))
        letter = [(x - half * 0.8, y - rise * 1.75), (x + half * 0.8, y - rise * 1.75)]
        foot = [(x + half * 0.8, y), (x - half * 0.8, y)]
        canvas.polygon(turned(letter + foot, centre, angle), (255, 253, 248))
        for row in range(4):
            level = y - rise * (1.5 - row * 0.3)
            canvas.line(turned([(x - half * 0.6, level), (x + half * 0.6, level)], centre, angle), 3, edge, 140)
        pocket = [corners[0], (x, y + rise * 0.2), corners[1], corners[2], corners[3]]
        canvas.polygon(turned(pocket, centre, angle), paper)
    fold = [(x - half, y - rise), (x, y + rise * 0.2), (x + half, y - rise)]
    canvas.line(turned(fold, centre, angle), max(1.2, width / 70), edge)


def cable(canvas: Canvas, path: list[Point], colour: Colour, palette: Palette) -> None:
    """A cable along a path, with its shadow and its shine."""
    canvas.line([(x + 3, y + 6) for x, y in path], 13, palette.deep, 130)
    canvas.line(path, 12, colour)
    canvas.line([(x, y - 3) for x, y in path], 2.5, mix(colour, palette.pale, 0.6), 170)


def ridge_line(canvas: Canvas, path: list[Point], colour: Colour) -> None:
    """Draws a ridge, unless it is too short to be one."""
    if len(path) > 1:
        canvas.line(path, 9, colour)


def curve(start: Point, crown: Point, end: Point) -> list[Point]:
    """A curve from start to end that bends towards the crown."""
    return [bezier(start, crown, crown, end, step / 24) for step in range(25)]


def bezier(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    """The point at t (0 to 1) of the cubic Bézier curve of a to d."""
    u = 1 - t
    weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
    x, y = (sum(w * p[i] for w, p in zip(weights, (a, b, c, d), strict=True)) for i in (0, 1))
    return x, y
