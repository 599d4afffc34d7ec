"""Draws the pictures of the demonstration: the same motif, palette and seed give the same picture."""

from __future__ import annotations

import io
import random

from forum.demo.canvas import HEIGHT, WIDTH, Palette
from forum.demo.motifs import MOTIFS

__all__ = ["HEIGHT", "MIME_TYPE", "MOTIFS", "PALETTES", "WIDTH", "draw"]

MIME_TYPE = "image/jpeg"

# By the slug of the section: blue and ochre, petrol and vermilion, wine and sand.
PALETTES = {
    "markt": Palette(
        deep=(20, 32, 54),
        dark=(38, 62, 98),
        mid=(78, 112, 156),
        soft=(164, 186, 210),
        pale=(244, 236, 220),
        accent=(222, 152, 44),
        second=(96, 148, 112),
    ),
    "techniek": Palette(
        deep=(10, 44, 50),
        dark=(18, 82, 88),
        mid=(44, 132, 130),
        soft=(142, 196, 186),
        pale=(232, 242, 234),
        accent=(230, 88, 58),
        second=(244, 190, 98),
    ),
    "beleid": Palette(
        deep=(58, 16, 30),
        dark=(106, 28, 46),
        mid=(158, 62, 68),
        soft=(218, 178, 156),
        pale=(246, 236, 220),
        accent=(206, 160, 70),
        second=(62, 96, 98),
    ),
}


def draw(motif: str, palette: str, seed: str) -> bytes:
    """A JPEG of 1600 by 900 pixels. Raises ValueError for an unknown motif or palette."""
    if motif not in MOTIFS:
        raise ValueError(f"unknown motif {motif!r}")
    if palette not in PALETTES:
        raise ValueError(f"unknown palette {palette!r}")
    canvas = MOTIFS[motif](PALETTES[palette], random.Random(f"{motif} {seed}"))  # noqa: S311 - a picture, no secret
    written = io.BytesIO()
    canvas.finished().save(written, "JPEG", quality=88, optimize=True, progressive=True)
    return written.getvalue()
