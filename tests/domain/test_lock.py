"""Images are deployed by the digests that were locked, and by no others."""

from pathlib import Path

import pytest

from tame_components.catalog import catalog
from tame_components.domain.compose import compose_topology
from tame_components.domain.errors import LockInvalid
from tame_components.domain.lock import Lock, lock_file, read_lock
from tests.harness import stacks


DIGEST = f"sha256:{'1' * 64}"


def test_a_locked_image_is_deployed_by_its_digest() -> None:
    """Each service whose pin the lock knows gets tag and digest; the others keep their tag."""
    settings = stacks.settings(services={"radarr": {}, "sonarr": {}}, vpn=None)
    pin = str(catalog()["radarr"].image.reference)
    topology = compose_topology(settings, catalog(), lock=Lock(images={pin: DIGEST}))

    assert str(topology.service("radarr").image) == f"{pin}@{DIGEST}"
    assert topology.service("sonarr").image.digest is None


def test_a_digest_that_the_settings_name_wins() -> None:
    """What a person pinned in the settings is not replaced by the lock."""
    pin = f"{catalog()['radarr'].image.reference}@sha256:{'2' * 64}"
    settings = stacks.settings(services={"radarr": {"image": pin}}, vpn=None)
    tag_only = str(catalog()["radarr"].image.reference)
    topology = compose_topology(settings, catalog(), lock=Lock(images={tag_only: DIGEST}))

    assert str(topology.service("radarr").image) == pin


def test_no_file_is_an_empty_lock(tmp_path: Path) -> None:
    """A stack without a lock is composed as before; rule R02 has its own word on it."""
    assert read_lock(tmp_path, "dev") == Lock()


@pytest.mark.parametrize("text", ["images = 3", '[images]\n"a:1.2.3" = "latest"', "[images", "x=1"])
def test_a_broken_lock_is_refused(tmp_path: Path, text: str) -> None:
    """Half a lock is worse than none: it would deploy some images by tag without a word."""
    lock_file(tmp_path, "prod").write_text(text)

    with pytest.raises(LockInvalid, match=r"images\.prod\.lock\.toml"):
        read_lock(tmp_path, "prod")
