"""Files that enter a container before it starts."""

import base64
import grp
import io
import pwd
import tarfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from testbed.toolchain.docker_provider.errors import OperationFailed


_EXECUTABLE: Final = 0o744
_READABLE: Final = 0o644


def archive(uploads: Sequence[Mapping[str, Any]]) -> bytes:
    """One tar of *uploads*, to be unpacked at `/`; a file belongs to root unless it says else.

    Raises:
        OperationFailed: An upload has no content, or more than one, or an owner nobody knows.
    """
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for upload in uploads:
            content = _content(upload)
            entry = tarfile.TarInfo(str(upload["file"]).lstrip("/"))
            entry.size = len(content)
            entry.mode = _mode(upload)
            entry.uid = _id(upload.get("owner"), lambda name: pwd.getpwnam(name).pw_uid)
            entry.gid = _id(upload.get("group"), lambda name: grp.getgrnam(name).gr_gid)
            entry.mtime = int(time.time())
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _content(upload: Mapping[str, Any]) -> bytes:
    given = [name for name in ("content", "contentBase64", "source") if upload.get(name)]
    if len(given) != 1:
        what = "only one of" if given else "one of"
        end = "can be set" if given else "must be set"
        raise OperationFailed(
            f"error with upload content: {what} 'content', 'content_base64', or 'source' {end}"
        )
    value = str(upload[given[0]])
    match given[0]:
        case "content":
            return value.encode()
        case "contentBase64":
            return base64.b64decode(value)
    try:
        return Path(value).read_bytes()
    except OSError as error:
        raise OperationFailed(f"could not read file: {error}") from error


def _id(asked: str | None, known: Callable[[str], int]) -> int:
    """A number, or a name that this machine knows, as the plugin resolves it (SDK 5.2)."""
    if not asked:
        return 0
    if asked.isdecimal():
        return int(asked)
    try:
        return known(asked)
    except KeyError:
        raise OperationFailed(f"unknown user or group: {asked}") from None


def _mode(upload: Mapping[str, Any]) -> int:
    if upload.get("permissions"):
        return int(upload["permissions"], 8)
    return _EXECUTABLE if upload.get("executable") else _READABLE
