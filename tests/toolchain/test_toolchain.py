"""Which Pulumi and which plugins a checkout gets, in which order, and what it is given."""

import os
import stat
import subprocess
import threading
from pathlib import Path

import httpx
import pytest
from typing_extensions import override

from ci.toolchain import build, checkout, cli, plugins
from ci.toolchain.errors import BuildFailed, NoPulumi
from ci.toolchain.network import Network
from ci.toolchain.parts import (
    CLI,
    LANGUAGE_HOST,
    STAND_INS,
    Choice,
    Places,
    on_path,
    sdk_version,
    version_of,
    wanted_cli,
)


DOCKER = "pulumi-resource-docker"


class Wire(Network):
    """A network that answers or does not, and whose installer is a file that is written."""

    def __init__(self, *, up: bool, brings: str | None = None) -> None:
        super().__init__()
        self.up = up
        self.brings = brings
        self.asked = 0

    @override
    def reaches_pulumi(self) -> bool:
        self.asked += 1
        self.why = "" if self.up else "the cable is out"
        return self.up

    @override
    def install(self, root: Path, version: str) -> str | None:
        del version
        if self.brings is None:
            return "nothing came"
        executable(root / "bin" / CLI, f"echo {self.brings}")
        executable(root / "bin" / LANGUAGE_HOST, "exit 0")
        return None


def executable(path: Path, body: str) -> Path:
    """Writes a shell script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def search(tmp_path: Path, network: Network, *, refresh: bool = False) -> cli.Search:
    """A machine with an empty home, one directory on the path, and no Go."""
    environment = {
        "HOME": str(tmp_path / "home"),
        "PATH": f"{tmp_path / 'root' / '.tame' / 'bin'}{os.pathsep}{tmp_path / 'path'}",
    }
    places = Places(tmp_path / "root", tmp_path / "cache")
    return cli.Search(places, environment, network, lambda _: None, refresh=refresh)


def test_a_new_enough_pulumi_on_the_path_is_taken_without_asking_anyone(tmp_path: Path) -> None:
    """The user's own installation comes first, before caches and network."""
    mine = executable(tmp_path / "path" / CLI, "echo v3.999.0")
    asked = search(tmp_path, Wire(up=True, brings="v3.888.0"))
    executable(asked.places.built(wanted_cli()), f"echo {wanted_cli()}")

    choice = cli.choose(asked)

    assert (choice.used, choice.path, choice.version) == ("path", str(mine), "v3.999.0")
    assert isinstance(asked.network, Wire)
    assert asked.network.asked == 0


@pytest.mark.parametrize("answer", ["echo v3.254.9", "exit 1", "echo hello"])
def test_an_old_or_broken_pulumi_on_the_path_is_passed_over(tmp_path: Path, answer: str) -> None:
    """Older than go.mod's version, or not running: the official release is asked for instead."""
    executable(tmp_path / "path" / CLI, answer)

    choice = cli.choose(search(tmp_path, Wire(up=True, brings="v3.272.0")))

    assert (choice.used, choice.version) == ("official", "v3.272.0")


def test_our_own_link_is_not_the_users_pulumi(tmp_path: Path) -> None:
    """What TAME put on the path, in this checkout or another, does not count as found there."""
    executable(tmp_path / "root" / ".tame" / "bin" / CLI, "echo v3.999.0")
    executable(tmp_path / "other" / ".tame" / "bin" / CLI, "echo v3.999.0")
    places = Places(tmp_path / "root", tmp_path / "cache")
    path = os.pathsep.join(str(tmp_path / name / ".tame" / "bin") for name in ("root", "other"))

    assert on_path(CLI, places, path) is None
    assert on_path(CLI, places, f"{path}{os.pathsep}{tmp_path}") is None


def test_what_was_built_earlier_is_used_unless_asked_anew(tmp_path: Path) -> None:
    """The cache saves the network; `--refresh` prefers the official release when it answers."""
    asked = search(tmp_path, Wire(up=True, brings="v3.272.0"))
    executable(asked.places.built(wanted_cli()), f"echo {wanted_cli()}")

    assert cli.choose(asked).used == "built"
    anew = search(tmp_path, Wire(up=True, brings="v3.272.0"), refresh=True)
    assert cli.choose(anew).used == "official"


def test_an_installer_that_brings_nothing_that_runs_is_not_believed(tmp_path: Path) -> None:
    """Every way and what stood in it is in the error; nothing that does not run is chosen."""
    with pytest.raises(NoPulumi) as caught:
        cli.choose(search(tmp_path, Wire(up=True)))

    said = str(caught.value)
    for part in ("`PATH`", "none from an earlier time", "nothing came", "Go is not installed"):
        assert part in said
    assert "TAME721" in said


def test_a_network_that_is_out_costs_one_question(tmp_path: Path) -> None:
    """Without network and Go there is no CLI, and the reason is named."""
    with pytest.raises(NoPulumi, match="the cable is out"):
        cli.choose(search(tmp_path, Wire(up=False)))


def test_a_silent_network_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that never answers costs the patience, once, and no more."""
    release, answered = threading.Event(), threading.Event()

    def slow(*_: object, **__: object) -> httpx.Response:
        release.wait(10)
        answered.set()
        return httpx.Response(200, text="#!/bin/sh")

    monkeypatch.setattr("ci.toolchain.network._PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr("ci.toolchain.network.httpx.get", slow)
    network = Network()
    try:
        assert network.reaches_pulumi() is False
        assert "no answer" in network.why
    finally:
        release.set()
    assert answered.wait(10)
    assert network.reaches_pulumi() is False, "one run has one answer"


@pytest.mark.parametrize("where", ["path", "beside", "home"])
def test_a_stand_in_never_shadows_an_official_plugin(tmp_path: Path, where: str) -> None:
    """An official one on PATH, beside the CLI or in the Pulumi home is used, without a wrapper."""
    asked = search(tmp_path, Wire(up=False))
    pulumi = executable(asked.places.built(wanted_cli()), f"echo {wanted_cli()}")
    homes = {
        "path": tmp_path / "path",
        "beside": pulumi.parent,
        "home": tmp_path / "home" / ".pulumi" / "plugins" / "resource-docker-v5.2.0",
    }
    chosen = Choice(CLI, "built", wanted_cli(), str(pulumi), "")
    before = (chosen, *plugins.choose(asked, chosen))
    checkout.equip(asked.places, before)
    assert (asked.places.bin / DOCKER).exists()
    mine = executable(homes[where] / DOCKER, "exit 0")

    after = plugins.choose(asked, chosen)
    checkout.equip(asked.places, (chosen, *after))

    (docker,) = (choice for choice in after if choice.part == DOCKER)
    assert (docker.stands_in, docker.path) == (False, str(mine))
    assert not (asked.places.bin / DOCKER).exists()
    assert (asked.places.bin / LANGUAGE_HOST).exists(), "the others keep their stand-ins"


def test_each_stand_in_is_a_wrapper_that_runs_its_module(tmp_path: Path) -> None:
    """Without official plugins each part has an executable that starts the checkout's Python."""
    asked = search(tmp_path, Wire(up=False))
    executable(asked.places.python, 'echo "$@"')
    chosen = Choice(CLI, "built", wanted_cli(), "/bin/true", "")

    checkout.equip(asked.places, (chosen, *plugins.choose(asked, chosen)))

    for part, module in STAND_INS.items():
        said = subprocess.run(
            [asked.places.bin / part, "127.0.0.1:1"], capture_output=True, text=True, check=True
        )
        assert said.stdout.split() == ["-P", "-m", module, "127.0.0.1:1"]
    assert (asked.places.bin / CLI).resolve() == Path("/bin/true").resolve()


def test_the_environment_is_sourced_twice_like_once(tmp_path: Path) -> None:
    """`.tame/env` puts our directories first once, and sets state, passphrase and plugins."""
    asked = search(tmp_path, Wire(up=False))
    chosen = Choice(CLI, "built", wanted_cli(), "/bin/true", "")
    checkout.equip(asked.places, (chosen, *plugins.choose(asked, chosen)))
    secret = asked.places.local / "passphrase"
    first = secret.read_text()

    checkout.equip(asked.places, (chosen, *plugins.choose(asked, chosen)))

    assert secret.read_text() == first
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    env = asked.places.local / "env"
    shell = subprocess.run(
        ["sh", "-ec", f". {env}; . {env}; env"],
        env={"PATH": "/usr/bin:/bin", "PULUMI_CONFIG_PASSPHRASE": "somebody else's"},
        capture_output=True,
        text=True,
        check=True,
    )
    variables = dict(line.split("=", 1) for line in shell.stdout.splitlines())
    assert variables["PATH"] == (f"{asked.places.bin}:{asked.places.python.parent}:/usr/bin:/bin")
    assert variables["PULUMI_BACKEND_URL"] == f"file://{asked.places.local}/state"
    assert variables["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(secret)
    assert variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"
    assert "PULUMI_CONFIG_PASSPHRASE" not in variables


def test_a_choice_is_remembered_until_the_machine_changes(tmp_path: Path) -> None:
    """The record holds while what it was made from is so; a new official plugin ends it."""
    asked = search(tmp_path, Wire(up=False))
    chosen = Choice(CLI, "built", wanted_cli(), "/bin/true", "")
    choices = (chosen, *plugins.choose(asked, chosen))
    checkout.equip(asked.places, choices)
    assert checkout.recall(asked.places, asked.environment) is None

    checkout.remember(asked.places, asked.environment, choices)
    assert checkout.recall(asked.places, asked.environment) == choices

    executable(tmp_path / "path" / DOCKER, "exit 0")
    assert checkout.recall(asked.places, asked.environment) is None


def test_a_failed_build_leaves_nothing_and_says_gos_last_words(tmp_path: Path) -> None:
    """What Go says is in the error; neither a half binary nor its working directory stays."""
    executable(
        tmp_path / "path" / "go",
        'if [ "$1" = env ]; then echo "go1.99.0"; exit; fi\necho "disk is full" >&2\nexit 1',
    )
    environment = {"PATH": f"{tmp_path / 'path'}:/usr/bin:/bin"}
    target = tmp_path / "cache" / "v3.255.0" / CLI
    assert build.obstacle(environment) is None

    with pytest.raises(BuildFailed, match="disk is full"):
        build.build(target, "v3.255.0", environment, lambda _: None)

    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["lock"]


def test_the_versions_of_the_toolchain_fit_together() -> None:
    """The CLI that is built is the oldest one accepted, and not newer than the SDK."""
    assert (3, 255, 0) <= version_of(wanted_cli()) <= version_of(sdk_version("pulumi"))
    assert version_of("no version") == ()
