"""What the demonstration can draw: each motif takes a palette and a source of chance and gives a finished canvas."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from random import Random

from forum.demo.canvas import HEIGHT, WIDTH, Canvas, Colour, Palette, Point, mix, turned
from forum.demo.shapes import bezier, cable, curve, envelope, keyhole, ridge_line, tower


def skyline(palette: Palette, chance: Random) -> Canvas:
    """A town of server racks; from one tall tower lines run to all the others."""
    sky = mix(palette.pale, palette.accent, 0.35)
    canvas = Canvas(palette.pale, sky)
    canvas.disc(1180, 330, 190, palette.accent, 90)
    canvas.disc(1180, 330, 140, palette.accent, 150)
    for share, low, high in ((0.25, 220, 430), (0.55, 140, 330)):
        x = -20.0
        while x < WIDTH:
            width = chance.randint(60, 130)
            height = chance.randint(low, high)
            canvas.box(x, HEIGHT - height, width, height, mix(sky, palette.mid, share))
            x += width + chance.randint(0, 26)
    tops: list[Point] = []
    x = 20.0
    while x < WIDTH - 60:
        width = chance.randint(70, 110)
        if not 640 < x + width / 2 < 900:
            height = chance.randint(110, 300)
            tower(canvas, chance, (x, HEIGHT - height, width, height), palette.dark, palette.soft)
            tops.append((x + width / 2, HEIGHT - height))
        x += width + chance.randint(14, 44)
    peak = (770.0, 190.0)
    for top in tops:
        lift = min(top[1], peak[1]) - 40 + abs(top[0] - peak[0]) * 0.12
        canvas.line(curve(peak, ((top[0] + peak[0]) / 2, lift), top), 2.5, palette.deep, 150)
        canvas.disc(*top, 7, palette.accent)
    tower(canvas, chance, (690, 190, 160, HEIGHT), palette.deep, palette.accent)
    canvas.disc(*peak, 14, palette.accent)
    return canvas


def waves(palette: Palette, chance: Random) -> Canvas:
    """A sun above waves that lie flatter the further they go."""
    canvas = Canvas(palette.pale, mix(palette.soft, palette.pale, 0.4))
    for radius, alpha in ((230, 45), (180, 80), (130, 255)):
        canvas.disc(1120, 300, radius, palette.accent, alpha)
    layers = 9
    for layer in range(layers):
        phase = chance.uniform(0, math.tau)
        length = chance.uniform(240, 380)
        level = 400 + layer * 58
        ridge = [
            (x, level - (130 - layer * 6) * math.exp(-x / 620) * math.sin(x / length * math.tau + phase) - 8)
            for x in range(-10, WIDTH + 11, 10)
        ]
        colour = mix(palette.soft, palette.deep, layer / (layers - 1))
        canvas.polygon([*ridge, (WIDTH + 10, HEIGHT + 10), (-10, HEIGHT + 10)], colour, 225)
        canvas.line(ridge, 2, palette.pale, 120)
    return canvas


def bars(palette: Palette, chance: Random) -> Canvas:
    """Stacks of blocks that grow to the right, each on one thin layer of its own."""
    canvas = Canvas(palette.pale, mix(palette.pale, palette.soft, 0.5))
    base, columns = 770, 7
    for line in range(5):
        canvas.line([(110, base - line * 140), (1490, base - line * 140)], 1.5, palette.dark, 40)
    colours = (palette.dark, palette.mid, palette.accent, palette.soft)
    for column in range(columns):
        x = 170 + column * 186
        canvas.box(x, base - 26, 132, 26, palette.second, r=4)
        level = base - 32.0
        total = 150 + column * 72 + chance.randint(-18, 18)
        shares = [chance.uniform(0.6, 1.4) for _ in colours]
        for colour, share in zip(colours, shares, strict=True):
            height = total * share / sum(shares)
            level -= height
            canvas.box(x, level, 132, height - 6, colour, r=4)
    canvas.line([(110, base + 8), (1490, base + 8)], 6, palette.deep)
    return canvas


def racks(palette: Palette, chance: Random) -> Canvas:
    """A corridor between two rows of racks, with light at its end."""
    canvas = Canvas(palette.deep, mix(palette.deep, palette.dark, 0.6))
    x0, y0 = 800.0, 420.0

    def at(x: float, y: float, depth: float) -> Point:
        return x0 + (x - x0) / depth, y0 + (y - y0) / depth

    end = 7.6
    canvas.polygon([at(-60, 1000, 1), at(1660, 1000, 1), at(1660, 1000, end), at(-60, 1000, end)], palette.dark)
    for depth in (1.25, 1.6, 2.05, 2.7, 3.6, 5.0):
        canvas.line([at(-60, 1000, depth), at(1660, 1000, depth)], 6 / depth, palette.deep, 130)
    for share in (0.2, 0.4, 0.6, 0.8):
        x = -60 + share * 1720
        canvas.line([at(x, 1000, 1), at(x, 1000, end)], 2, palette.deep, 130)
    for depth in (1.5, 2.3, 3.5, 5.4):
        lamp = [at(680, -150, depth), at(920, -150, depth), at(920, -150, depth * 1.25), at(680, -150, depth * 1.25)]
        canvas.polygon(lamp, palette.pale, 210)
    canvas.polygon([at(-60, -150, end), at(1660, -150, end), at(1660, 1000, end), at(-60, 1000, end)], palette.soft)
    canvas.polygon([at(420, 150, end), at(1180, 150, end), at(1180, 1000, end), at(420, 1000, end)], palette.pale)
    near = 1.0
    for _ in range(7):
        far = near * 1.31
        for wall in (-60.0, 1660.0):
            tint = mix(palette.mid, palette.dark, chance.uniform(0.35, 0.75))
            shade = mix(tint, palette.deep, 0.55 - near / 22)
            gap = near + (far - near) * 0.94
            face = [at(wall, -150, near), at(wall, -150, gap), at(wall, 1000, gap), at(wall, 1000, near)]
            canvas.polygon(face, shade)
            for unit in range(22):
                y = -110 + unit * 49
                a, b = near + (far - near) * 0.1, near + (far - near) * 0.84
                slot = [at(wall, y, a), at(wall, y, b), at(wall, y + 36, b), at(wall, y + 36, a)]
                canvas.polygon(slot, mix(shade, palette.deep, 0.45))
                for _ in range(chance.randint(0, 3)):
                    spot = at(wall, y + 18, chance.uniform(a * 1.02, b))
                    glow = chance.choice((palette.accent, palette.accent, palette.pale, palette.second))
                    canvas.disc(*spot, max(1.6, 6.5 / near), glow)
        near = far
    return canvas


def discs(palette: Palette, chance: Random) -> Canvas:
    """The rings of a disk; out of one of them a piece is missing."""
    canvas = Canvas(palette.pale, mix(palette.pale, palette.soft, 0.55))
    x, y = 960.0, 470.0
    canvas.disc(x + 14, y + 18, 640, palette.deep, 40)
    canvas.disc(x, y, 640, palette.dark)
    broken = 7
    for ring in range(13):
        radius = 620 - ring * 38
        colour = mix(palette.mid, palette.soft, chance.random())
        start = chance.uniform(0, 360)
        if ring == broken:
            canvas.ring(x, y, radius, 26, palette.accent, (215, 215 + 292))
            continue
        while start < 720:
            length = chance.uniform(30, 120)
            canvas.ring(x, y, radius, 26, mix(colour, palette.dark, chance.uniform(0, 0.6)), (start, start + length))
            start += length + chance.uniform(2, 6)
    canvas.disc(x, y, 112, palette.pale)
    canvas.disc(x, y, 46, palette.deep)
    arm = [(118.0, 812.0), (150.0, 858.0), (574.0, 556.0), (556.0, 528.0)]
    canvas.polygon([(px + 10, py + 12) for px, py in arm], palette.deep, 60)
    canvas.polygon(arm, palette.second)
    canvas.disc(134, 835, 74, palette.second)
    canvas.disc(134, 835, 30, palette.pale)
    canvas.disc(566, 541, 24, palette.accent)
    return canvas


def dots(palette: Palette, chance: Random) -> Canvas:
    """A land of dots; some of them glow and are joined by lines."""
    canvas = Canvas(palette.deep, mix(palette.deep, palette.dark, 0.7))
    hills = [(chance.uniform(180, 1420), chance.uniform(130, 770), chance.uniform(60, 165)) for _ in range(15)]
    land: list[Point] = []
    for row in range(33):
        for column in range(59):
            x, y = 28 + column * 26.6 + (row % 2) * 13.3, 24 + row * 26.6
            height = sum(math.exp(-((x - hx) ** 2 + (y - hy) ** 2) / (2 * size * size)) for hx, hy, size in hills)
            if height + chance.uniform(-0.05, 0.05) > 0.66:
                land.append((x, y))
                canvas.disc(x, y, 5 + min(4.5, height * 2), mix(palette.mid, palette.soft, min(1, height / 2.6)))
            else:
                canvas.disc(x, y, 2.2, palette.mid, 110)
    lit = chance.sample(land, 13)
    for one, other in pairwise(lit):
        crown = ((one[0] + other[0]) / 2, min(one[1], other[1]) - math.dist(one, other) * 0.25)
        canvas.line(curve(one, crown, other), 2.5, palette.accent, 190)
    for x, y in lit:
        canvas.disc(x, y, 24, palette.accent, 60)
        canvas.disc(x, y, 12, palette.accent)
        canvas.disc(x, y, 5, palette.pale)
    return canvas


def keys(palette: Palette, chance: Random) -> Canvas:
    """A large key before a wall of keyholes."""
    canvas = Canvas(palette.dark, palette.deep)
    for row in range(7):
        for column in range(12):
            x, y = 60 + column * 138 + (row % 2) * 69, 50 + row * 138
            shade = mix(palette.dark, palette.mid, chance.uniform(0.1, 0.55))
            canvas.disc(x, y, 52, shade)
            keyhole(canvas, x, y - 8, 15, palette.deep)
    centre = (800.0, 450.0)
    angle = chance.uniform(-0.5, -0.25)
    for shift, colour, alpha in ((18.0, palette.deep, 120), (0.0, palette.soft, 255)):

        def place(x: float, y: float, by: float = shift) -> Point:
            [(px, py)] = turned([(x, y)], centre, angle)
            return px + by, py + by

        def slab(x: float, y: float, width: float, height: float, fill: Colour = colour, see: int = alpha) -> None:
            corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
            canvas.polygon([place(px, py) for px, py in corners], fill, see)

        canvas.disc(*place(400, 450), 190, colour, alpha)
        slab(560, 414, 730, 72)
        for x, height in ((1010, 96), (1094, 150), (1180, 118)):
            slab(x, 480, 56, height)
    canvas.disc(*turned([(400.0, 450.0)], centre, angle)[0], 150, mix(palette.soft, palette.pale, 0.6))
    canvas.disc(*turned([(372.0, 450.0)], centre, angle)[0], 84, palette.dark)
    highlight = turned([(590.0, 430.0), (1270.0, 430.0)], centre, angle)
    canvas.line(highlight, 8, palette.pale)
    return canvas


def fingerprint(palette: Palette, chance: Random) -> Canvas:
    """The ridges of a finger around a keyhole."""
    canvas = Canvas(palette.pale, mix(palette.pale, palette.soft, 0.7))
    x0, y0 = 800.0, 450.0
    for ridge in range(4, 22):
        phase, wobble = chance.uniform(0, math.tau), chance.uniform(2, 7)
        colour = mix(palette.dark, palette.mid, chance.random())
        gaps = sorted(chance.uniform(0, 360) for _ in range(2))
        path: list[Point] = []
        for degree in range(0, 363, 3):
            turn = math.radians(degree)
            radius = ridge * 19 + wobble * math.sin(3 * turn + phase)
            if any(0 <= (degree - gap) % 360 < 150 / ridge for gap in gaps):
                ridge_line(canvas, path, colour)
                path = []
                continue
            path.append((x0 + radius * math.sin(turn) * 0.82, y0 - radius * math.cos(turn) * 1.08))
        ridge_line(canvas, path, colour)
    canvas.disc(x0, y0 - 6, 66, palette.pale)
    keyhole(canvas, x0, y0 - 28, 34, palette.accent)
    return canvas


def envelopes(palette: Palette, chance: Random) -> Canvas:
    """Rows of envelopes to the horizon, of which one is open."""
    canvas = Canvas(mix(palette.soft, palette.pale, 0.3), palette.mid)
    rows = 8
    chosen = (5, chance.choice((-1, 1)))
    for row in range(rows):
        depth = (row + 1) / rows
        width, y = 60 + 250 * depth**1.6, 110 + 660 * depth**1.5
        for column in range(-9, 10):
            x = 800 + (column + (row % 2) / 2) * width * 1.16
            if not -width < x < WIDTH + width:
                continue
            paper = mix(mix(palette.soft, palette.pale, chance.uniform(0.3, 1)), palette.mid, (1 - depth) * 0.35)
            if (row, column) == chosen:
                paper = palette.accent
            envelope(canvas, (x, y), width, 0, paper, palette.dark, is_open=(row, column) == chosen)
    return canvas


def post(palette: Palette, chance: Random) -> Canvas:
    """Envelopes in lanes to the right; at a dark gap a few of them fall."""
    canvas = Canvas(palette.pale, mix(palette.pale, palette.soft, 0.6))
    canvas.polygon([(940, 0), (1090, 0), (1210, HEIGHT), (1010, HEIGHT)], palette.deep)
    for lane in range(5):
        y = 110.0 + lane * 170
        for piece in (((0, y + 66), (955 + lane * 12, y + 66)), ((1112 + lane * 22, y + 66), (WIDTH, y + 66))):
            canvas.line(piece, 5, palette.mid, 120)
        x = chance.uniform(-60, 60)
        while x < WIDTH + 80:
            if not 850 + lane * 12 < x < 1200 + lane * 22:
                paper = mix(palette.mid, palette.soft, chance.random())
                envelope(canvas, (x, y), 150, chance.uniform(-0.05, 0.05), paper, palette.deep)
                for trail in range(3):
                    start = x - 100 - trail * 9
                    mark = y - 30 + trail * 30
                    canvas.line([(start - chance.uniform(14, 46), mark), (start, mark)], 3, palette.mid, 150)
            x += chance.uniform(215, 320)
    for drop in range(4):
        spot = (1015 + drop * 28 + chance.uniform(-12, 12), 130 + drop * 225 + chance.uniform(-20, 20))
        envelope(canvas, spot, 132, chance.uniform(0.5, 1.2) * (-1) ** drop, palette.accent, palette.deep)
    return canvas


def crowd(palette: Palette, chance: Random) -> Canvas:
    """People with signs before a dark front of arches."""
    canvas = Canvas(palette.pale, mix(palette.soft, palette.accent, 0.3))
    canvas.box(120, 150, 1360, 800, palette.deep)
    canvas.polygon([(80, 160), (800, -40), (1520, 160)], palette.deep)
    for arch in range(6):
        left = 227 + arch * 205
        canvas.disc(left + 60, 330, 60, palette.accent)
        canvas.box(left, 330, 120, 330, palette.accent)
        canvas.line([(left + 60, 270), (left + 60, 660)], 6, palette.deep)
        for bar in (330, 430, 530):
            canvas.line([(left, bar), (left + 120, bar)], 4, palette.deep)
    coats = (palette.mid, palette.dark, palette.soft, palette.second, palette.accent)
    skins = ((244, 212, 184), (222, 178, 142), (168, 118, 84), (112, 76, 56))
    for row in range(5):
        size, y = 38.0 + row * 15, 520.0 + row * 88
        x = -40.0 + chance.uniform(0, 60)
        while x < WIDTH + 60:
            coat = mix(chance.choice(coats), palette.deep, 0.34 - row * 0.08)
            if row in (1, 2, 3) and chance.random() < 0.24:
                tilt = chance.uniform(-0.14, 0.14)
                top = y - size * chance.uniform(3.2, 4.2)
                canvas.line([(x, y), (x + tilt * 120, top)], 6, palette.deep)
                board = [(x - 70, top - 52), (x + 70, top - 52), (x + 70, top + 40), (x - 70, top + 40)]
                canvas.polygon(turned(board, (x, top), tilt), mix(palette.pale, palette.soft, chance.random() * 0.6))
            canvas.box(x - size * 0.95, y + size * 0.45, size * 1.9, HEIGHT, coat, r=size * 0.8)
            canvas.disc(x, y, size * 0.56, mix(chance.choice(skins), palette.deep, 0.2 - row * 0.05))
            x += size * chance.uniform(1.75, 2.5)
    return canvas


def network(palette: Palette, chance: Random) -> Canvas:
    """A net of nodes; around a red one the lines change colour."""
    canvas = Canvas(palette.deep, mix(palette.deep, palette.dark, 0.8))
    nodes: list[Point] = [(1010.0, 410.0)]
    while len(nodes) < 58:
        spot = (chance.uniform(40, WIDTH - 40), chance.uniform(40, HEIGHT - 40))
        if all(math.dist(spot, node) > 104 for node in nodes):
            nodes.append(spot)
    source = nodes[0]
    for node in nodes:
        near = sorted(nodes, key=lambda other: math.dist(node, other))[1:4]
        for other in near:
            middle = ((node[0] + other[0]) / 2, (node[1] + other[1]) / 2)
            heat = max(0.0, 1 - math.dist(middle, source) / 430)
            canvas.line([node, other], 3 + heat * 3, mix(palette.mid, palette.accent, heat))
    for radius, alpha in ((210, 26), (150, 36), (96, 60)):
        canvas.disc(*source, radius, palette.accent, alpha)
    for node in nodes:
        heat = max(0.0, 1 - math.dist(node, source) / 430)
        size = chance.uniform(11, 24)
        canvas.disc(*node, size + 6, palette.deep)
        canvas.disc(*node, size, mix(palette.soft, palette.second, heat))
    canvas.disc(*source, 46, palette.pale)
    canvas.disc(*source, 36, palette.accent)
    return canvas


def cables(palette: Palette, chance: Random) -> Canvas:
    """Bundles of cables in arcs; one bundle is cut."""
    canvas = Canvas(palette.deep, mix(palette.deep, palette.dark, 0.5))
    colours = (palette.mid, palette.soft, palette.second, palette.dark, palette.pale)
    bundles = 5
    for bundle in range(bundles):
        start, finish = 60 + bundle * 165, chance.uniform(80, 820)
        bend, sag = chance.uniform(-260, 260), chance.uniform(-260, 260)
        colour = palette.accent if bundle == 2 else colours[bundle]
        for strand in range(7):
            offset = (strand - 3) * 17
            tint = mix(colour, palette.deep, chance.uniform(0, 0.35))
            path = [
                bezier(
                    (-40.0, start + offset),
                    (520.0, start + bend + offset * 0.4),
                    (1080.0, finish + sag - offset * 0.4),
                    (1640.0, finish - offset),
                    step / 80,
                )
                for step in range(81)
            ]
            if bundle == 2:
                stop = chance.randint(38, 44)
                cable(canvas, path[:stop], tint, palette)
                cable(canvas, path[stop + chance.randint(7, 10) :], tint, palette)
            else:
                cable(canvas, path, tint, palette)
    return canvas


MOTIFS: dict[str, Callable[[Palette, Random], Canvas]] = {
    motif.__name__: motif
    for motif in (
        skyline,
        waves,
        bars,
        racks,
        discs,
        dots,
        keys,
        fingerprint,
        envelopes,
        post,
        crowd,
        network,
        cables,
    )
}
