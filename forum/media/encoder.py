"""Reads one picture from elsewhere and writes it anew. A program of its own: what a hostile file breaks or fills is this process only.

Run as a file with the standard library and Pillow alone; `forum.media.workshop` starts it. It is given a folder that holds
`source`, and the name of a task:

- `quick`: `large.jpg`, upright, without anything but its colours, at most LARGEST wide;
- `whole`: besides that every narrower width as `<width>.jpg`, and `large` and every width as AVIF and WebP;
- `judge`: nothing.

It prints one line of JSON: {"width", "height", "widths"}, or {"refused": reason}.
"""

import contextlib
import io
import json
import os
import resource
import sys
import warnings
from pathlib import Path
from typing import Any

MEMORY = 1024**3  # bytes of address space; of 24 million pixels the dearest, an AVIF, take 0.7 of it
SECONDS = {"judge": 20, "quick": 20, "whole": 120}  # of the processor
MOST_PIXELS = 24_000_000
LONGEST_SIDE = 16_000  # WebP holds 16 383
LARGEST = 1600
NARROWER = (400, 800)
ORIENTATION = 0x0112
# How a picture becomes upright by where its first row and column lie (Exif 2.32, 4.6.4, Orientation).
UPRIGHT = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
ENCODINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "jpg": ("JPEG", {"quality": 82, "progressive": True}),
    "webp": ("WEBP", {"quality": 80, "method": 4}),
    "avif": ("AVIF", {"quality": 62, "speed": 7, "max_threads": 1}),
}


class Refused(Exception):
    """This is no picture that we take; the word says why: unreadable, pixels or side."""


def limit(seconds: int) -> None:
    """Let this process have no more memory, time and room on the disk than a picture needs."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 64 * 1024**2),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of the address space
            resource.setrlimit(kind, (most, most))


def decoded(source: Path) -> Any:
    """Return the picture upright, in sRGB, as RGB or RGBA; of moving pictures the first. Its size is judged by its header."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        opened = Image.open(source, formats=FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Refused("pixels") from error
    if max(opened.size) > LONGEST_SIDE:
        raise Refused("side")
    opened.load()
    picture = _in_srgb(opened)
    with contextlib.suppress(Exception):  # an unreadable note on how the camera was held: then as it lies
        turned = UPRIGHT.get(opened.getexif().get(ORIENTATION, 1))
        picture = picture.transpose(Image.Transpose[turned]) if turned else picture
    picture.info.clear()
    return picture


def _in_srgb(opened: Any) -> Any:
    """Return the picture in sRGB with 8 bits to a channel, by its own profile where that can be read."""
    from PIL import Image, ImageCms

    wanted = "RGBA" if opened.has_transparency_data else "RGB"
    profile = opened.info.get("icc_profile")
    if opened.mode.startswith("I;16") or opened.mode in {"I", "F"}:
        return opened.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if profile and opened.mode in {"RGB", "CMYK", "L", "RGBA"}:
        alpha = opened.getchannel("A") if opened.mode == "RGBA" else None
        flat = opened.convert("RGB") if alpha else opened
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            flat = ImageCms.profileToProfile(
                flat, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        flat = flat.convert("RGB")
        if alpha:
            flat.putalpha(alpha)
        return flat
    copied = opened.convert(wanted)
    return copied if copied is not opened else Image.Image.copy(opened)


def scaled(picture: Any, width: int) -> Any:
    """Return the picture this wide, never wider than it is."""
    from PIL import Image

    if width >= picture.width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def encoded(picture: Any, ending: str) -> bytes:
    """Return the picture in this format, with nothing in it but its pixels; JPEG, which knows no transparency, on white."""
    from PIL import Image

    if ending == "jpg" and picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    kind, options = ENCODINGS[ending]
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def run(folder: Path, task: str) -> dict[str, Any]:
    """Do a task and return what is to be printed. Raises Refused."""
    try:
        picture = decoded(folder / "source")
    except Refused:
        raise
    except Exception as error:  # Pillow raises many kinds for a broken file; each means the same to who sent it
        raise Refused("unreadable") from error
    large = scaled(picture, LARGEST)
    widths = [width for width in NARROWER if width < large.width]
    if task != "judge":
        (folder / "large.jpg").write_bytes(encoded(large, "jpg"))
    if task == "whole":
        sizes = {"large": large} | {str(width): scaled(large, width) for width in widths}
        for name, size in sizes.items():
            for ending in ENCODINGS:
                if (name, ending) != ("large", "jpg"):
                    (folder / f"{name}.{ending}").write_bytes(encoded(size, ending))
    return {"width": large.width, "height": large.height, "widths": widths}


def main(folder: str, task: str) -> None:
    """Do a task and print what came of it."""
    limit(SECONDS[task])
    if task == "whole":
        os.nice(10)  # nobody waits for it, and readers come first
    try:
        said = run(Path(folder), task)
    except Refused as refusal:
        said = {"refused": str(refusal)}
    except MemoryError:
        said = {"refused": "unreadable"}
    sys.stdout.write(f"{json.dumps(said)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
