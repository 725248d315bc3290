"""Seeds of applications whose file is JSON, or that only move where something is written."""

import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from tame_components.catalog import app
from testbed.apps.defaults import fill
from tests.catalog.test_seeds import KEY, OTHER, Seeded


FILES = {
    "jackett": "Jackett/ServerConfig.json",
    "transmission": "settings.json",
    "webgrabplus": "WebGrab++.config.xml",
}
JQ = shutil.which("jq")
NEEDS_JQ = pytest.mark.skipif(JQ is None, reason="jq is not installed here")


@pytest.fixture
def seeded(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Seeded:
    """The seed of the application that the test names, with only its image's programs."""
    name: str = request.param
    monkeypatch.setitem(_files(), name, FILES[name])
    programs = tmp_path / "bin"
    programs.mkdir()
    busybox = shutil.which("busybox")
    wanted = set(app(name).programs.names)
    for program in sorted(wanted & {"cat", "chown", "cmp", "mkdir", "mv", "rm", "sed"}):
        target = busybox or shutil.which(program)
        assert target is not None
        (programs / program).symlink_to(target)
    if JQ and "jq" in wanted:
        (programs / "jq").symlink_to(JQ)
    shell = shutil.which("bash")
    assert shell is not None
    one = Seeded(name, tmp_path / "root", (shell,), programs)
    (one.root / "config").mkdir(parents=True)
    return one


def _files() -> dict[str, str]:
    from tests.catalog import test_seeds

    return test_seeds.FILES


def _json(seeded: Seeded) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(seeded.result())
    return found


@NEEDS_JQ
@pytest.mark.parametrize("seeded", ["jackett"], indirect=True)
@pytest.mark.parametrize("before", [{}, {"Port": 9117, "APIKey": OTHER, "AdminPassword": "theirs"}])
def test_jackett_gets_its_key_and_keeps_the_rest(seeded: Seeded, before: dict[str, Any]) -> None:
    """The key is the stack's, for its owner's eyes only; a second run writes nothing."""
    seeded.secret("api-key", KEY)
    if before:
        seeded.write(json.dumps(before))

    assert _json(seeded) == {**before, "APIKey": KEY}
    inode = seeded.file.stat().st_ino
    assert stat.S_IMODE(seeded.file.stat().st_mode) == 0o600
    assert _json(seeded) == {**before, "APIKey": KEY}
    assert seeded.file.stat().st_ino == inode


@NEEDS_JQ
@pytest.mark.parametrize("seeded", ["jackett"], indirect=True)
def test_jackett_without_a_secret_fails_and_is_left_alone(seeded: Seeded) -> None:
    """An empty key is never written, and half a JSON file stays for a person to see."""
    seeded.write('{"APIKey": "theirs"}')
    seeded.secret("api-key", "")
    assert "the secret is empty" in seeded.run().stderr

    seeded.secret("api-key", KEY)
    seeded.write('{"APIKey": ')
    assert "is no JSON" in seeded.run().stderr
    assert seeded.file.read_text() == '{"APIKey": '


@NEEDS_JQ
@pytest.mark.parametrize("seeded", ["transmission"], indirect=True)
@pytest.mark.parametrize("tree", ["downloads/torrents", "torrents"])
def test_transmissions_downloads_land_in_the_data_tree(seeded: Seeded, tree: str) -> None:
    """The image's own folders move, the login and a person's choice stay; nothing changes twice."""
    (seeded.root / "data" / tree).mkdir(parents=True)
    fill("transmission", {"USER": "admin", "PASS": "secret"}, seeded.root)
    wanted = {
        "download-dir": f"/data/{tree}",
        "incomplete-dir": f"/data/{tree}/incomplete",
        "watch-dir-enabled": False,
        "port-forwarding-enabled": False,
        "rpc-username": "admin",
        "rpc-authentication-required": True,
    }

    told = _json(seeded)
    assert {key: told[key] for key in wanted} == wanted
    assert _json(seeded) == told

    seeded.write(json.dumps({**told, "download-dir": "/data/elsewhere"}))
    assert _json(seeded)["download-dir"] == "/data/elsewhere"


@pytest.mark.parametrize("seeded", ["webgrabplus"], indirect=True)
def test_the_guide_lies_where_others_can_mount_it(seeded: Seeded) -> None:
    """The image's own place, which is no state, moves; a person's choice stays."""
    fill("webgrabplus", {}, seeded.root)

    moved = seeded.result()
    assert "<filename>/config/guide/guide.xml</filename>" in moved
    assert (seeded.root / "config/guide").is_dir()
    assert seeded.result() == moved

    seeded.write(moved.replace("/config/guide/guide.xml", "/config/mine.xml"))
    assert "<filename>/config/mine.xml</filename>" in seeded.result()
