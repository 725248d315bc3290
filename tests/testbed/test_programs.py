"""Programs of this machine that stand-ins are made of: there before anything is made of them."""

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from testbed import dev, images
from testbed.engine import apt
from testbed.images import programs
from testbed.vpn import image as vpn


class Bare:
    """A machine with Debian's base and nothing else; its apt brings what a package has."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.installed: list[str] = []
        for essential in ("sh", "cat", "sleep"):
            self._program(essential)

    def install(self, packages: Sequence[str]) -> None:
        """What `install_packages` does, without apt."""
        self.installed += packages
        for program, package in programs.PACKAGES.items():
            if package in packages:
                self._program(program)

    def _program(self, name: str) -> None:
        file = self.path / name
        file.write_text("#!/bin/sh\nexit 0\n")
        file.chmod(0o755)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bare]:
    """No program of the rehearsal is installed, and root may install it."""
    machine = Bare(tmp_path)
    monkeypatch.setattr(programs, "_SEARCH", str(tmp_path))
    monkeypatch.setattr(programs, "can_install", lambda: True)
    monkeypatch.setattr(programs, "install_packages", machine.install)
    programs.applets.cache_clear()  # this machine's busybox plays none
    yield machine
    programs.applets.cache_clear()


def test_the_dev_stack_has_its_programs_before_anything_runs_side_by_side(
    bare: Bare, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a fresh machine images and VPN provider find all programs, whichever starts first."""
    lacking: dict[str, list[str]] = {}

    def look(who: str, names: Sequence[str]) -> None:
        lacking[who] = [name for name in names if not (bare.path / name).exists()]

    def build(_host: str, apps: list[str], **_: object) -> None:
        known = images._recipes([app for app in apps if app != images.GLUETUN])
        look("images", [name for recipe in known for name in recipe.programs])

    def prepare(_host: str, _stack: str) -> SimpleNamespace:
        look("tunnel", programs.TUNNEL)
        return SimpleNamespace(directory="there")

    monkeypatch.setattr("testbed.engine.ensure", lambda _: SimpleNamespace(host="unix:///absent"))
    monkeypatch.setattr("testbed.images.build", build)
    monkeypatch.setattr(dev, "prepare", prepare)
    monkeypatch.setattr("sys.argv", ["dev"])

    assert dev.main() == 0
    assert lacking == {"images": [], "tunnel": []}
    assert {"qbittorrent-nox", "wireguard-go", "wireguard-tools"} <= set(bare.installed)


def test_whoever_makes_an_image_sees_to_its_programs_itself(
    bare: Bare, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tunnel's images can be made first, alone, on a machine that has none of its programs."""
    monkeypatch.setattr(vpn, "_files", lambda: {"usr/bin/wg": programs.find("wg")})

    assert vpn.wan_rootfs().files["usr/bin/wg"] == bare.path / "wg"
    assert sorted(bare.installed) == [
        *("iproute2", "iptables", "wget", "wireguard-go", "wireguard-tools"),
    ]


@pytest.mark.usefixtures("bare")
def test_every_program_of_an_image_has_a_package() -> None:
    """What the images of the whole catalog are made of can be installed by name on Debian."""
    images.ensure_programs()
    vpn._programs()

    named = {name for recipe in images._recipes(images.known()) for name in recipe.programs}
    assert named <= set(programs.PACKAGES)


def test_apt_runs_once_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that install at once wait for each other: apt would refuse the second."""
    taken = tmp_path / "taken"
    log = tmp_path / "log"
    fake = tmp_path / "apt-get"
    # mkdir is atomic: a second apt at the same time fails here as the real one does
    fake.write_text(
        f"#!/bin/sh\nmkdir {taken} || exit 100\nsleep 0.1\necho $* >>{log}\nrmdir {taken}\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    said: list[str | None] = []
    threads = [
        threading.Thread(target=lambda name=name: said.append(apt.install_packages([name])))
        for name in ("one", "two", "three")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert said == [None, None, None]
    assert len(log.read_text().splitlines()) == len(threads)


def test_lists_are_fetched_only_when_an_install_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without lists (a fresh machine) apt fetches them and installs; its words reach the reader."""
    log = tmp_path / "log"
    fake = tmp_path / "apt-get"
    fake.write_text(
        f"#!/bin/sh\nshift 2\necho $1 >>{log}\n"
        f'[ "$1" = update ] && touch {tmp_path}/lists && exit 0\n'
        f"[ -e {tmp_path}/lists ] || {{ echo Unable to locate package >&2; exit 100; }}\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    assert apt.install_packages(["jq"]) is None
    assert log.read_text().split() == ["install", "update", "install"]

    fake.write_text("#!/bin/sh\necho no space left >&2\nexit 100\n")
    failure = apt.install_packages(["jq"])
    assert failure is not None
    assert "no space left" in failure
