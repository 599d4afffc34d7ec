"""Files that pretend to be pictures, or are pictures and mean no good. Run it with a folder, to have them there.

Each comes with what must become of it: "refused", "taken" (written anew, and harmless then), or "either".
"""

import io
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageCms, PngImagePlugin

SCRIPT = b"<script>alert(document.cookie)</script><?php system($_GET[0]); ?>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
MADE: dict[str, tuple[str, Callable[[], bytes]]] = {}


def hostile(name: str, outcome: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    def register(make: Callable[[], bytes]) -> Callable[[], bytes]:
        MADE[name] = outcome, make
        return make

    return register


def photo(width: int = 320, height: int = 200, mode: str = "RGB") -> Image.Image:
    return Image.radial_gradient("L").resize((width, height)).convert(mode)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes, depth: int = 1, colour: int = 0, extra: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + kind + data


def exif(*, orientation: int = 1, script: bytes = SCRIPT) -> bytes:
    notes = Image.Exif()
    notes[0x0112] = orientation
    notes[0x010E] = script.decode("ascii")
    notes[0x013B] = "Geheime Maker"
    notes.get_ifd(0x8825).update({1: "N", 2: (52.0, 22.0, 12.0), 3: "E", 4: (4.0, 53.0, 42.0)})
    return notes.tobytes()


# Larger than they look


@hostile("bomb-in-the-header.png", "refused")
def _() -> bytes:
    return png(50_000, 50_000, b"\0" * 1000)


@hostile("bomb-that-decodes.png", "refused")
def _() -> bytes:
    return png(12_000, 12_000, b"\0" * (1501 * 12_000))


@hostile("as-large-as-may-be.png", "taken")
def _() -> bytes:
    return png(6000, 4000, b"\0" * (751 * 4000))


@hostile("one-pixel-too-many.png", "refused")
def _() -> bytes:
    return png(6001, 4000, b"\0" * (752 * 4000))


@hostile("too-long-a-side.png", "refused")
def _() -> bytes:
    return png(16_001, 10, b"\0" * (2002 * 10))


@hostile("one-wide-and-very-tall.png", "taken")
def _() -> bytes:
    return png(1, 16_000, b"\0\xff" * 16_000)


@hostile("one-pixel.gif", "taken")
def _() -> bytes:
    return saved(photo(1, 1), "GIF")


@hostile("nothing-wide.gif", "refused")
def _() -> bytes:
    return b"GIF89a" + struct.pack("<HH", 0, 0) + b"\x80\0\0\0\0\0\xff\xff\xff;"


@hostile("huge-in-the-header.jpg", "refused")
def _() -> bytes:
    whole = saved(photo(), "JPEG")
    at = whole.index(b"\xff\xc0") + 5
    return whole[:at] + struct.pack(">HH", 65_500, 65_500) + whole[at + 4 :]


@hostile("huge-in-the-header.gif", "refused")
def _() -> bytes:
    whole = saved(photo(), "GIF")
    return whole[:6] + struct.pack("<HH", 65_535, 65_535) + whole[10:]


@hostile("huge-in-the-header.webp", "refused")
def _() -> bytes:
    canvas = b"\0\0\0\0" + (16_000_000).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + canvas


@hostile("huge-in-the-header.avif", "refused")
def _() -> bytes:
    whole = saved(photo(), "AVIF")
    at = whole.index(b"ispe") + 8
    return whole[:at] + struct.pack(">II", 60_000, 60_000) + whole[at + 8 :]


@hostile("compressed-note.png", "either")
def _() -> bytes:
    return png(8, 8, b"\0\0" * 8, extra=chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"A" * 200_000_000, 9)))


@hostile("compressed-profile.png", "either")
def _() -> bytes:
    return png(8, 8, b"\0\0" * 8, extra=chunk(b"iCCP", b"p\0\0" + zlib.compress(b"A" * 200_000_000, 9)))


# Cut off or damaged


@hostile("cut-off.jpg", "refused")
def _() -> bytes:
    whole = saved(photo(), "JPEG")
    return whole[: len(whole) // 2]


@hostile("cut-off.png", "refused")
def _() -> bytes:
    whole = saved(photo(), "PNG")
    return whole[: len(whole) // 2]


@hostile("cut-off.webp", "refused")
def _() -> bytes:
    whole = saved(photo(), "WEBP")
    return whole[: len(whole) // 2]


@hostile("cut-off.avif", "refused")
def _() -> bytes:
    whole = saved(photo(), "AVIF")
    return whole[: len(whole) // 2]


@hostile("wrong-sum.png", "refused")
def _() -> bytes:
    whole = bytearray(saved(photo(), "PNG"))
    whole[whole.index(b"IHDR") + 5] ^= 0xFF
    return bytes(whole)


@hostile("broken-exif.jpg", "taken")
def _() -> bytes:
    return saved(photo(), "JPEG", exif=b"Exif\0\0MM\0\x2a\xff\xff\xff\xff" + SCRIPT)


@hostile("broken-profile.jpg", "taken")
def _() -> bytes:
    return saved(photo(), "JPEG", icc_profile=b"\0\0\0\x80" + SCRIPT * 3)


# Something else besides


@hostile("a-zip-behind-it.jpg", "taken")
def _() -> bytes:
    behind = io.BytesIO()
    with zipfile.ZipFile(behind, "w") as archive:
        archive.writestr("evil.html", SCRIPT)
    return saved(photo(), "JPEG") + behind.getvalue()


@hostile("a-page-behind-it.png", "taken")
def _() -> bytes:
    return saved(photo(), "PNG") + b"<html><body>" + SCRIPT


@hostile("a-script-as-well.gif", "taken")
def _() -> bytes:
    return saved(photo(), "GIF", comment=b"*/=1;alert(1)/*" + SCRIPT)


@hostile("a-script-in-the-comment.jpg", "taken")
def _() -> bytes:
    return saved(photo(), "JPEG", comment=SCRIPT)


@hostile("a-script-in-a-note.png", "taken")
def _() -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", SCRIPT.decode("ascii"))
    notes.add_itxt("XML:com.adobe.xmp", SCRIPT.decode("ascii"))
    return saved(photo(), "PNG", pnginfo=notes)


@hostile("a-script-in-exif.jpg", "taken")
def _() -> bytes:
    return saved(
        photo(), "JPEG", exif=exif(), icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    )


@hostile("a-script-in-exif.webp", "taken")
def _() -> bytes:
    return saved(photo(), "WEBP", exif=exif(), xmp=SCRIPT)


@hostile("a-script-in-exif.avif", "taken")
def _() -> bytes:
    return saved(photo(), "AVIF", exif=exif(), xmp=SCRIPT)


@hostile("ten-thousand-segments.jpg", "taken")
def _() -> bytes:
    whole = saved(photo(), "JPEG")
    return whole[:2] + b"\xff\xec\x00\x08abcdef" * 10_000 + whole[2:]


@hostile("odd-boxes.avif", "either")
def _() -> bytes:
    whole = saved(photo(), "AVIF")
    head = struct.unpack(">I", whole[:4])[0]
    return whole[:head] + box(b"free", SCRIPT) + box(b"uuid", b"\xff" * 16 + SCRIPT) * 50 + whole[head:]


@hostile("a-box-without-end.avif", "either")
def _() -> bytes:
    whole = saved(photo(), "AVIF")
    head = struct.unpack(">I", whole[:4])[0]
    return whole[:head] + struct.pack(">I", 0xFFFFFFFF) + b"free" + whole[head:]


@hostile("boxes-within-boxes.avif", "refused")
def _() -> bytes:
    inner = b""
    for _ in range(2000):
        inner = box(b"meta", b"\0\0\0\0" + inner)
    return box(b"ftyp", b"avif\0\0\0\0avifmif1") + inner


# Moving


@hostile("ten-thousand-frames.gif", "taken")
def _() -> bytes:
    head = b"GIF89a" + struct.pack("<HH", 300, 300) + b"\x80\0\0\0\0\0\xff\xff\xff"
    frame = b"!\xf9\x04\0\0\0\0\0" + b"," + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0\x02\x02D\x01\0"
    return head + frame * 10_000 + b";"


@hostile("moving.png", "taken")
def _() -> bytes:
    return saved(photo(), "PNG", save_all=True, append_images=[photo().rotate(n) for n in range(20)])


@hostile("moving.webp", "taken")
def _() -> bytes:
    return saved(photo(), "WEBP", save_all=True, append_images=[photo().rotate(n) for n in range(20)])


@hostile("moving.avif", "taken")
def _() -> bytes:
    return saved(photo(), "AVIF", save_all=True, append_images=[photo().rotate(n) for n in range(4)])


# Unusual colours


@hostile("for-the-press.jpg", "taken")
def _() -> bytes:
    return saved(photo(mode="CMYK"), "JPEG")


@hostile("sixteen-bits-of-grey.png", "taken")
def _() -> bytes:
    rows = b"".join(b"\0" + b"".join(struct.pack(">H", x * 400) for x in range(160)) for _ in range(90))
    return png(160, 90, rows, depth=16, colour=0)


@hostile("sixteen-bits-of-colour.png", "taken")
def _() -> bytes:
    rows = b"".join(b"\0" + struct.pack(">HHH", 65_535, 32_768, 0) * 160 for _ in range(90))
    return png(160, 90, rows, depth=16, colour=2)


@hostile("partly-transparent.webp", "taken")
def _() -> bytes:
    picture = photo(mode="RGBA")
    picture.putalpha(photo(mode="L"))
    return saved(picture, "WEBP")


@hostile("palette.gif", "taken")
def _() -> bytes:
    return saved(photo().quantize(7), "GIF", transparency=0)


# No picture at all, or none that we take


@hostile("a-page.jpg", "refused")
def _() -> bytes:
    return b"<!DOCTYPE html><html><body>" + SCRIPT


@hostile("a-drawing.jpg", "refused")
def _() -> bytes:
    return SVG


@hostile("a-drawing.svg", "refused")
def _() -> bytes:
    return b'\xef\xbb\xbf<?xml version="1.0"?>\n<!DOCTYPE svg [<!ENTITY a "a">]>\n' + SVG


@hostile("an-archive.jpg", "refused")
def _() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("zero", b"\0" * 1_000_000)
    return archive.getvalue()


@hostile("a-program.png", "refused")
def _() -> bytes:
    return b"\x7fELF\x02\x01\x01" + b"\0" * 2000


@hostile("only-the-first-bytes.png", "refused")
def _() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + SCRIPT


@hostile("only-the-first-bytes.jpg", "refused")
def _() -> bytes:
    return b"\xff\xd8\xff\xe0" + SCRIPT


@hostile("nothing.jpg", "refused")
def _() -> bytes:
    return b""


@hostile("a-document.pdf.jpg", "refused")
def _() -> bytes:
    return b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF"


@hostile("postscript.jpg", "refused")
def _() -> bytes:
    return b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EndComments\n(x) run\n"


@hostile("a-bitmap.jpg", "refused")
def _() -> bytes:
    return saved(photo(), "BMP")


@hostile("a-tiff.jpg", "refused")
def _() -> bytes:
    return saved(photo(), "TIFF")


@hostile("another-name.jpg", "taken")
def _() -> bytes:
    return saved(photo(), "PNG")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for title, (_, make) in MADE.items():
        (folder / title).write_bytes(make())
