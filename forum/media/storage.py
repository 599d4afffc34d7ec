"""Where the files of pictures lie: a folder, or a store that speaks S3. Readers get them from us either way."""

import os
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from flask import current_app
from flask_babel import lazy_gettext as _l

from forum.config import ConfigError
from forum.errors import ForumError


class StorageSilent(ForumError):
    """The store did not answer; nothing was kept."""

    status = 503
    sentence = _l("The place where pictures are kept does not answer. Try again in a moment.")
    retry_after = 30


class Storage(Protocol):
    """Keeps files by name. A name is made from its content: what is there once never changes."""

    def write(self, name: str, content: bytes) -> None:
        """Keep a file whole or not at all. Raises StorageSilent."""

    def open(self, name: str) -> tuple[BinaryIO, int] | None:
        """Return a file to read and close, and its size in bytes; None when there is none. Raises StorageSilent."""

    def delete(self, *names: str) -> None:
        """Remove files; those that are not there count as removed. Raises StorageSilent."""


class LocalStorage:
    """A folder on this machine, or one that several mount."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, content: bytes) -> None:
        """Keep a file; one that is there already has the same content."""
        target = self.folder / name
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f"{target.name}.{secrets.token_hex(8)}")
        temporary.write_bytes(content)
        temporary.replace(target)

    def open(self, name: str) -> tuple[BinaryIO, int] | None:
        """Return the open file and its size."""
        try:
            file = (self.folder / name).open("rb")
        except (FileNotFoundError, IsADirectoryError):
            return None
        return file, os.fstat(file.fileno()).st_size

    def delete(self, *names: str) -> None:
        """Remove files."""
        for name in names:
            (self.folder / name).unlink(missing_ok=True)


class S3Storage:
    """A bucket of a store that speaks S3; our account there reads, writes and deletes objects, and nothing there is public."""

    def __init__(self, bucket: str, prefix: str, **options: str | None) -> None:
        try:
            import boto3
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError, ClientError
        except ImportError as error:
            raise ConfigError("MEDIA_S3_BUCKET needs what requirements-s3.lock lists") from error
        self.bucket = bucket
        self.prefix = f"{prefix.strip('/')}/".lstrip("/")
        self.refused = ClientError
        self.troubles = (BotoCoreError, ClientError)
        patience = Config(
            connect_timeout=3,
            read_timeout=15,
            retries={"mode": "standard", "max_attempts": 3},
            max_pool_connections=16,
            # Stores that are not Amazon's do not all know the newer checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        self.client: Any = boto3.session.Session().client("s3", config=patience, **options)

    def write(self, name: str, content: bytes) -> None:
        """Put an object."""
        try:
            self.client.put_object(Bucket=self.bucket, Key=self.prefix + name, Body=content)
        except self.troubles as error:
            raise StorageSilent() from error

    def open(self, name: str) -> tuple[BinaryIO, int] | None:
        """Return the object as a stream, and its size."""
        try:
            found = self.client.get_object(Bucket=self.bucket, Key=self.prefix + name)
        except self.troubles as error:
            if isinstance(error, self.refused) and error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                return None
            raise StorageSilent() from error
        return found["Body"], found["ContentLength"]

    def delete(self, *names: str) -> None:
        """Remove objects, one by one: not every store knows how to take several at once."""
        try:
            for name in names:
                self.client.delete_object(Bucket=self.bucket, Key=self.prefix + name)
        except self.troubles as error:
            raise StorageSilent() from error


def storage() -> Storage:
    """Return where this site keeps its pictures."""
    return storage_of(current_app.config)


def storage_of(config: Mapping[str, Any]) -> Storage:
    """Return where a site with these settings keeps its pictures. Raises ConfigError where the store's library is missing."""
    if not config["MEDIA_S3_BUCKET"]:
        return LocalStorage(Path(config["MEDIA_FOLDER"]))
    names = ("BUCKET", "PREFIX", "ENDPOINT", "REGION", "KEY", "SECRET")
    return _s3(*(config[f"MEDIA_S3_{name}"] for name in names))


@cache
def _s3(bucket: str, prefix: str, endpoint: str, region: str, key: str, secret: str) -> S3Storage:
    return S3Storage(
        bucket,
        prefix,
        endpoint_url=endpoint or None,
        region_name=region or None,
        aws_access_key_id=key or None,
        aws_secret_access_key=secret or None,
    )
