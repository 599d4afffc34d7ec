"""Whatever is sent in, the process that serves stays small."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

MOST = 300  # MB, the largest that the serving process ever was (proc(5): VmHWM)
ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import re, sys
from pathlib import Path
from forum import create_app, migrating
from forum.extensions import db
from tests.conftest import CHEAP_PASSWORDS
from tests.factories import sign_in

folder = Path(sys.argv[1])
app = create_app(
    folder / "instance", environ={}, TESTING=True, RATE_LIMITS=False, PASSWORD_COST=CHEAP_PASSWORDS, PROPAGATE_EXCEPTIONS=True
)
with app.app_context():
    migrating.upgrade()
    client = app.test_client()
    sign_in(client, "ed")
    db.session.remove()
statuses = []
for file in sorted((folder / "bodies").iterdir()):
    with file.open("rb") as body:  # as a server hands it over: a stream, not a string that the browser's side of this would hold
        answer = client.post(
            "/desk/media/",
            input_stream=body,
            content_length=file.stat().st_size,
            content_type="multipart/form-data; boundary=frontier",
        )
    statuses.append(answer.status_code)
# Not getrusage: its maximum is inherited from the process that started this one, which is the whole test run.
most = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(int(most[1]) // 1024, *statuses)
"""

MAKE_LARGE = """
import sys
from pathlib import Path
from PIL import Image
folder = Path(sys.argv[1])
Image.effect_noise((6000, 4000), 60).convert("RGB").save(folder / "large.avif", quality=30, speed=10)
noise = Image.effect_noise((3000, 2000), 90).convert("RGB")
noise.save(folder / "large.png", compress_level=0)
(folder / "too-large.jpg").write_bytes(b"\\xff\\xd8\\xff" + bytes(21 * 1024 * 1024))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts memory as Linux does")
def test_the_serving_process_stays_small_whatever_is_sent_in(tmp_path):
    hostile = tmp_path / "hostile"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    for command in (
        [str(ROOT / "tests" / "data" / "make_hostile_pictures.py"), str(hostile)],
        ["-c", MAKE_LARGE, str(hostile)],
    ):
        subprocess.run([sys.executable, *command], check=True, env=environment)
    bodies = tmp_path / "bodies"
    bodies.mkdir()
    for file in hostile.iterdir():
        head = f'--frontier\r\nContent-Disposition: form-data; name="picture0-file"; filename="{file.name}"\r\n\r\n'
        (bodies / file.name).write_bytes(head.encode() + file.read_bytes() + b"\r\n--frontier--\r\n")
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, env=environment, check=False
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    most, *statuses = map(int, ended.stdout.split())
    assert len(statuses) > 30
    assert set(statuses) == {303, 422}
    assert most < MOST
