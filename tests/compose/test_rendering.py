"""The way out: what is written runs without TAME, keeps the doctrine, and hides its secrets."""

import json
import os
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.composer import Composer, installed
from tame_components.compose import dotenv
from tame_components.compose.containers import facts_of
from tame_components.compose.contents import contents, keys_of
from tame_components.compose.errors import WouldOverwrite
from tame_components.compose.lint import CLEAN, exit_code, lint
from tame_components.compose.loading import load
from tame_components.compose.render import Rendered, quoted, render
from tame_components.compose.reports import text
from tame_components.compose.services import read_services
from tame_components.compose.worlds import World
from tame_components.compose.writing import write
from tame_components.domain.container import Container
from tame_components.domain.rendering import container_of
from tame_components.domain.topology import Topology
from tests.harness import stacks


ROOT_SECRET = "canary-root-secret-0123456789-0123456789"  # noqa: S105 - of a test
GIVEN = {
    "gluetun.wireguard_private_key": "canary$tunnel",
    "notifiarr.api-key": "canary'key\"$x",
}


@pytest.fixture(scope="module")
def topology() -> Topology:
    """A pipeline with each kind of service, a secret in a variable, a service on demand."""
    return stacks.topology(services={name: {} for name in (*stacks.CORE, "notifiarr", "recyclarr")})


@pytest.fixture(scope="module")
def keys(topology: Topology) -> dict[str, str]:
    """The text of each secret."""
    return keys_of(topology, ROOT_SECRET, GIVEN)


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.chown", lambda *_: None)


@pytest.fixture
def written(tmp_path: Path, topology: Topology, keys: dict[str, str]) -> Path:
    """The directory with secrets."""
    write(tmp_path / "out", render(topology, keys))
    return tmp_path / "out"


@pytest.fixture
def locked(tmp_path: Path, topology: Topology) -> Path:
    """The directory without secrets."""
    write(tmp_path / "locked", render(topology, None))
    return tmp_path / "locked"


def model(directory: Path) -> dict[str, Any]:
    """The Compose file of *directory*."""
    found: dict[str, Any] = yaml.safe_load((directory / "docker-compose.yml").read_text())
    return found


def test_it_lints_clean(written: Path, locked: Path) -> None:
    """No mandatory rule is broken, and with its secrets nothing is left undecided."""
    for directory in (written, locked):
        found = lint([[directory / "docker-compose.yml"]])
        lines = "\n".join(text(found, quiet=True))
        assert exit_code(found) == CLEAN, lines
    assert " 0 undecidable" in "\n".join(text(lint([[written / "docker-compose.yml"]])))


def test_read_back_it_is_the_same_stack(written: Path, topology: Topology) -> None:
    """Each container keeps image, mounts, ports, health, limits and rights."""
    read = facts_of(read_services(load([written / "docker-compose.yml"])))
    again = {one.name: one for one in read(World.WRITTEN)}
    same = [
        *("image", "ports", "command", "user", "restart", "stop_grace", "memory_mb", "labels"),
        *("capabilities", "devices", "groups", "security_options", "app", "plane", "shares"),
    ]

    for service in topology.services:
        wanted, found = container_of(topology, service), again[service.name]
        assert {key: getattr(found, key) for key in same} == {
            key: getattr(wanted, key) for key in same
        }, service.name
        assert _places(wanted) <= _places(found), service.name
        assert {one.network for one in found.attachments} == {
            one.network for one in wanted.attachments
        }
        assert wanted.environment.items() <= found.environment.items()
        assert (found.probe is None) == (wanted.probe is None)
        assert not wanted.probe or not found.probe or found.probe.test == wanted.probe.test
        assert found.starts == wanted.starts


def _places(container: Container) -> set[tuple[str, str, bool]]:
    return {(one.source, one.target, one.read_only) for one in container.mounts}


def test_secrets_lie_in_one_private_place(
    written: Path, topology: Topology, keys: dict[str, str]
) -> None:
    """Nothing outside `secrets/` holds one; what holds one only its owner reads."""
    values = {value for value in keys.values() if value}
    readers = {s.name: {f.path for f in contents(topology, s, keys).files if f.key} for s in
               topology.services}  # fmt: skip

    assert stat.S_IMODE((written / "secrets").stat().st_mode) == 0o700
    for file in written.rglob("*"):
        if file.is_file() and "secrets" in file.relative_to(written).parts:
            assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
        elif file.is_file():
            content = file.read_text()
            assert not [value for value in values if value in content], file
    assert sum(map(len, readers.values())) == len(list((written / "secrets").rglob("*/*")))


def test_a_dollar_survives_compose(written: Path) -> None:
    """A secret with every sign that Compose knows reads back as it was."""
    read = dotenv.parse((written / "secrets/notifiarr.env").read_text(), {})

    assert read["DN_API_KEY"].text == GIVEN["notifiarr.api-key"]
    assert (written / "secrets/gluetun/run_secrets_wireguard_private_key").read_text() == (
        GIVEN["gluetun.wireguard_private_key"]
    )


@pytest.mark.parametrize("secret", ["plain", "a b", "a$b", "it's", "both'\"", "back\\slash$'"])
def test_files_of_variables_are_quoted(secret: str) -> None:
    """What is written is what a reader of such files gets."""
    assert dotenv.parse(f"KEY={quoted(secret)}\n", {"b": "wrong"})["KEY"].text == secret


def test_without_secrets_it_asks_for_them(locked: Path, topology: Topology) -> None:
    """Compose itself stops until each required one is set; none is on disk."""
    content = (locked / "docker-compose.yml").read_text()
    asked = set(re.findall(r"\$\{(\w+):\?", content))

    assert {"RADARR_API_KEY", "GLUETUN_WIREGUARD_PRIVATE_KEY", "NOTIFIARR_API_KEY"} <= asked
    assert set(render(topology, None).variables) == asked
    assert not (locked / "secrets").exists()
    assert "canary" not in content


def test_twice_is_once_and_others_files_stay(
    written: Path, topology: Topology, keys: dict[str, str]
) -> None:
    """The same content is no conflict; a changed file stops it before anything is written."""
    write(written, render(topology, keys))
    (written / "docker-compose.yml").write_text("mine")

    with pytest.raises(WouldOverwrite, match=r"docker-compose\.yml"):
        write(written, render(topology, keys))
    assert (written / "docker-compose.yml").read_text() == "mine"
    write(written, render(topology, keys), force=True)
    assert "tame render" in (written / "docker-compose.yml").read_text()


def test_what_root_has_to_do_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, topology: Topology, keys: dict[str, str]
) -> None:
    """A file that a container's own user must read cannot be given away by anybody."""

    def refuse(*_: object) -> None:
        raise PermissionError

    rendered = render(topology, keys)
    owned = Rendered(tuple(f for f in rendered.files if f.owner is not None), ())
    extra = Rendered((*owned.files, *_foreign(rendered)), ())
    monkeypatch.setattr("os.chown", refuse)
    left = write(tmp_path, extra)

    assert left == tuple(
        f"chown {file.owner} {tmp_path / file.path}" for file in extra.files if file.owner
    )
    assert left


def _foreign(rendered: Rendered) -> Iterator[Any]:
    from dataclasses import replace

    yield replace(rendered.files[0], path="secrets/x/y", owner=os.getuid() + 1)


def test_another_host_has_a_file_of_its_own(tmp_path: Path) -> None:
    """A Compose file is for one engine: a service elsewhere stands in another, with its paths."""
    gpu = {"engine": "ssh://me@gpu", "address": "192.168.1.20", "data_root": "/mnt/data"}
    topology = stacks.topology(
        services={"tdarr": {}, "tdarr-node": {"host": "gpu"}},
        vpn=None,
        hosts={"gpu": gpu},
        exposure={"machines_address": "192.168.1.10"},
    )
    write(tmp_path, render(topology, keys_of(topology, ROOT_SECRET, {})))
    here = yaml.safe_load((tmp_path / "docker-compose.yml").read_text())
    there = yaml.safe_load((tmp_path / "docker-compose.gpu.yml").read_text())

    assert (set(here["services"]), set(there["services"])) == ({"tdarr"}, {"tdarr-node"})
    assert there["x-tame"]["data_root"] == "/mnt/data"
    assert exit_code(lint([[tmp_path / "docker-compose.gpu.yml"]])) == CLEAN


def test_the_readme_is_on_top(written: Path, topology: Topology) -> None:
    """Whoever opens the file learns what it needs and what TAME no longer does."""
    head = (written / "docker-compose.yml").read_text().split("name:")[0]

    assert topology.data.root in head
    assert "/srv/config/radarr" in head
    assert "backups" in head


@pytest.fixture(scope="module")
def composer() -> Composer:
    """A `docker compose` that is here already."""
    found = installed()
    if found is None or not found.waits:
        pytest.skip("no `docker compose` 2: `python -m bench` builds one, where Go is")
    return found


def test_compose_itself_reads_it(
    composer: Composer, written: Path, locked: Path, topology: Topology
) -> None:
    """Docker Compose's own parser takes both, and sees the services that are meant."""
    values = dict.fromkeys(render(topology, None).variables, "x")
    for directory in (written, locked):
        done = subprocess.run(
            [*composer.command, "--profile", "*", "config", "--format", "json"],
            cwd=directory,
            env={**os.environ, **values},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert set(json.loads(done.stdout)["services"]) == set(model(directory)["services"])
