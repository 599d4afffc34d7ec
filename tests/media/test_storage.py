"""Files lie in a folder or in a store that speaks S3, and the site is the same with either."""

from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from forum import config, create_app
from forum.config import ConfigError
from forum.extensions import db
from forum.media import storage as storages
from forum.media.models import Media
from forum.media.operations import add_picture, remove_picture
from forum.media.storage import LocalStorage, StorageSilent, storage_of
from tests.at_once import in_threads
from tests.media.pictures import do_jobs, kept, photo


@pytest.fixture(scope="module")
def store():
    """A store that speaks S3, on this machine, with a bucket in it; the settings that lead to it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "MEDIA_S3_BUCKET": "pictures",
        "MEDIA_S3_PREFIX": "/forum/",
        "MEDIA_S3_ENDPOINT": f"http://{host}:{port}",
        "MEDIA_S3_REGION": "eu-central-1",
        "MEDIA_S3_KEY": "test",
        "MEDIA_S3_SECRET": "test",
    }
    made = storage_of({"MEDIA_FOLDER": "", **settings})
    made.client.create_bucket(
        Bucket="pictures", CreateBucketConfiguration={"LocationConstraint": settings["MEDIA_S3_REGION"]}
    )
    yield settings
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def settings(request, tmp_path):
    """Where pictures are kept: both kinds."""
    folder = {setting.name: setting.default for setting in config.SETTINGS} | {"MEDIA_FOLDER": str(tmp_path / "media")}
    return folder if request.param == "folder" else folder | request.getfixturevalue("store")


def test_a_file_is_kept_read_and_removed(settings):
    place = storage_of(settings)
    assert place.open("a.jpg") is None
    place.write("a.jpg", b"een plaatje")
    place.write("waiting/a", b"wat er was")
    place.write("a.jpg", b"een plaatje")
    file, size = place.open("a.jpg")
    with file:
        assert (file.read(3), file.read(), size) == (b"een", b" plaatje", 11)
    place.delete("a.jpg", "never.jpg")
    assert place.open("a.jpg") is None
    file, size = place.open("waiting/a")
    with file:
        assert (file.read(), size) == (b"wat er was", 10)
    place.delete("waiting/a")


def test_the_site_keeps_and_serves_pictures_from_a_store(app, store, monkeypatch, client, tmp_path):
    for name, value in {"MEDIA_FOLDER": str(tmp_path), **store}.items():  # a folder that no other test has used
        monkeypatch.setitem(app.config, name, value)
    media = add_picture(photo(900, 600))
    do_jobs(app)
    media = db.session.get(Media, media.id)
    for name in media.files():
        answer = client.get(f"/media/{name}", buffered=True)
        assert answer.status_code == 200
        assert answer.data == kept(name)
        assert answer.content_length == len(answer.data)
        assert answer.headers["Content-Type"] == {"jpg": "image/jpeg"}.get(name[-3:], f"image/{name[-4:]}")
    assert not Path(app.config["MEDIA_FOLDER"], media.name).exists()
    names = media.files()
    remove_picture(media)
    assert {client.get(f"/media/{name}", buffered=True).status_code for name in names} == {404}


def test_a_store_that_is_silent_is_no_fault_of_ours(app, store, monkeypatch, client):
    for name, value in store.items():
        monkeypatch.setitem(app.config, name, value)
    monkeypatch.setitem(app.config, "MEDIA_S3_BUCKET", "another-one")
    answer = client.get(f"/media/{'0' * 24}.jpg")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    with pytest.raises(StorageSilent):
        add_picture(photo())
    with pytest.raises(StorageSilent):
        storages.storage().delete("a.jpg")


def test_a_store_without_its_library_is_said_at_the_start(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    storages._s3.cache_clear()
    with pytest.raises(ConfigError, match=r"requirements-s3\.lock"):
        create_app(tmp_path, environ={}, MEDIA_S3_BUCKET="pictures")


def test_a_folder_is_what_a_site_begins_with(app):
    assert isinstance(storages.storage(), LocalStorage)


def test_a_file_is_there_whole_or_not_at_all(tmp_path):
    place = LocalStorage(tmp_path / "media")
    place.write("deep/a.jpg", b"abc")
    assert [file.name for file in (tmp_path / "media" / "deep").iterdir()] == ["a.jpg"]


def test_several_who_keep_the_same_file_at_once_do_not_trip_over_each_other(app, tmp_path):
    place, content = LocalStorage(tmp_path / "media"), b"x" * 2_000_000
    for number in range(5):
        assert in_threads(app, lambda _, name=f"{number}.jpg": place.write(name, content)) == [None] * 8
    kept = sorted((tmp_path / "media").iterdir())
    assert [(file.name, file.stat().st_size) for file in kept] == [(f"{number}.jpg", 2_000_000) for number in range(5)]
