"""Files arrive as they were asked for: content, mode and owner."""

import io
import tarfile
from typing import Any

import pytest

from testbed.toolchain.docker_provider.errors import OperationFailed
from testbed.toolchain.docker_provider.uploads import archive


def _packed(**upload: Any) -> tarfile.TarInfo:
    content = archive([{"file": "/run/secrets/token", "content": "x", **upload}])
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return tar.getmember("run/secrets/token")


def test_a_file_belongs_to_root_unless_it_says_else() -> None:
    """Without an owner it is root's; a number is taken as it is; a name is looked up here."""
    plain, numbered, named = _packed(), _packed(owner="65532", group="13000"), _packed(owner="root")

    assert (plain.uid, plain.gid) == (0, 0)
    assert (numbered.uid, numbered.gid) == (65532, 13000)
    assert named.uid == 0


def test_a_secret_for_its_owner_alone_is_readable_by_nobody_else() -> None:
    """Mode and owner go together: 0400 of somebody else would lock the application out."""
    packed = _packed(owner="1000", permissions="0400")

    assert (packed.uid, packed.mode) == (1000, 0o400)


def test_an_owner_that_nobody_knows_is_refused() -> None:
    """A misspelled name does not silently become root."""
    with pytest.raises(OperationFailed, match="nobody-of-this-name"):
        _packed(owner="nobody-of-this-name")
