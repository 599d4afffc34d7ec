"""Has pictures from elsewhere read and written anew by a process of its own, with little memory, little time and nothing of ours."""

import json
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from forum.media import encoder

ENCODER = str(Path(encoder.__file__))
PATIENCE = 4  # times its time on the processor: the machine has other work
AT_ONCE = threading.BoundedSemaphore(2)  # in each process: what they may fill together has an end

Task = Literal["judge", "quick", "whole"]


class Refused(Exception):
    """This is no picture that we take; `reason` is unreadable, pixels, side or slow."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Made:
    """A picture written anew: the size of the largest in pixels, the narrower widths, and files by name ("large.jpg", "400.avif")."""

    width: int
    height: int
    widths: list[int]
    files: dict[str, bytes]


def make(content: bytes, task: Task) -> Made:
    """Have a picture read and written anew. Raises Refused."""
    with AT_ONCE, tempfile.TemporaryDirectory(prefix="picture-") as named:
        folder = Path(named)
        (folder / "source").write_bytes(content)
        try:
            ended = subprocess.run(  # noqa: S603  our own program
                [sys.executable, "-I", "-B", ENCODER, named, task],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=encoder.SECONDS[task] * PATIENCE,
                env={"MALLOC_ARENA_MAX": "1"},  # else each thread of a decoder claims 64 MB of its address space
                cwd=named,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Refused("slow") from error
        if ended.returncode != 0:  # out of memory or time, or broken by the file
            raise Refused("unreadable")
        said = json.loads(ended.stdout)
        if "refused" in said:
            raise Refused(said["refused"])
        files = {file.name: file.read_bytes() for file in folder.iterdir() if file.name != "source"}
        return Made(said["width"], said["height"], said["widths"], files)
