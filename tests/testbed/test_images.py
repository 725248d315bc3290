"""Stand-in images: what is in them, and how they are built."""

import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docker
import pytest

from tame_components.catalog import catalog
from testbed.engine import ensure
from testbed.images import (
    FaultUnknown,
    NoStandIn,
    ProgramsMissing,
    archive,
    build,
    fidelity,
    known,
    programs,
)
from testbed.images.layer import Tree, kept
from testbed.images.recipe import Recipe, version_of
from testbed.images.services import SERVICES


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("6.2.1.10461-ls308", "6.2.1.10461"),
        ("v1.6.0-ls360", "1.6.0"),
        ("5.2.3_v2.0.13-ls469", "5.2.3"),
        ("10.11.11ubu2604-ls43", "10.11.11"),
        ("1.43.3.10828-00f62d37d-ls315", "1.43.3.10828-00f62d37d"),
        ("2.7.3", "2.7.3"),
    ],
)
def test_a_tag_holds_the_applications_version(tag: str, version: str) -> None:
    """A stand-in claims the version of its tag, without the packager's additions."""
    assert version_of(tag) == version


def test_equal_content_makes_equal_layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer's digest depends on its content alone: not on order, time or who makes it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def one(tree: Tree) -> None:
        tree.file("a/b", b"x")
        tree.link("c", "/a/b")

    def other(tree: Tree) -> None:
        tree.link("c", "/a/b")
        tree.file("a/b", b"x")

    first, second = kept("one", "key", one), kept("two", "key", other)

    assert first.digest == second.digest
    with tarfile.open(first.path) as tar:
        assert tar.getnames() == ["a", "a/b", "c"]
    assert kept("one", "key", lambda _: pytest.fail("made again")) == first


def test_a_new_layer_replaces_its_own_old_one_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A layer whose name begins with another's is none of the other's old ones."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    longer = kept("tdarr-node", "a1", lambda _: None)
    old = kept("tdarr", "a1", lambda _: None)

    kept("tdarr", "b2", lambda _: None)

    assert longer.path.exists()
    assert not old.path.exists()


@pytest.mark.skipif(
    shutil.which("busybox") is None, reason="busybox is not installed here; `make test` installs it"
)
@pytest.mark.parametrize("app", [app for app in known() if app != "gluetun"])
def test_an_image_has_no_program_that_the_real_one_lacks(app: str) -> None:
    """On the PATH lies what the catalog names, and what is missing is said in a label."""
    recipe = Recipe(catalog()[app], "1.2.3", "")
    tree = Tree()
    recipe.fill(tree)
    named = set(catalog()[app].programs.names)
    on_path = {path.rpartition("/")[2] for path in tree.paths() if path.startswith("usr/bin/")}
    state = catalog()[app].state
    kept = state.directory.lstrip("/") if state else ""
    anywhere = {path.rpartition("/")[2] for path in tree.paths() if path != kept}
    if service := SERVICES.get(app):  # a layer of its own
        anywhere.add(service.path.rpartition("/")[2])

    assert on_path <= named
    assert named - anywhere - set(recipe.real) == set(recipe.missing)
    config = recipe.config([], "mark")["config"]
    assert config["Labels"]["tame.stand-in"] == app
    assert config["Labels"]["tame.stand-in.missing"].split() == list(recipe.missing)


def test_unknown_wishes_are_refused() -> None:
    """An application without a stand-in and a fault that nothing plays are errors with a hint."""
    with pytest.raises(NoStandIn, match="no stand-in of `nothing`"):
        build("unix:///absent.sock", ["nothing"])
    with pytest.raises(FaultUnknown, match="no such fault: `odd`"):
        build("unix:///absent.sock", ["radarr"], fault="odd")


@pytest.mark.engine
def test_a_second_build_changes_nothing_and_is_quick() -> None:
    """All images are there, a second build leaves their ids and takes at most 3 s of processor."""
    host = ensure().host
    names = build(host)
    client = docker.DockerClient(base_url=host)
    try:
        before = [client.images.get(name).id for name in names]
        begun = time.process_time()

        assert build(host) == names

        assert time.process_time() - begun < 3
        assert [client.images.get(name).id for name in names] == before
    finally:
        client.close()
    assert {name.partition(":")[0] for name in names} == {f"tame.invalid/{a}" for a in known()}


def test_what_was_pulled_by_digest_is_not_swept_away() -> None:
    """It has no tag either, and no container while it is replaced; a rollback needs it."""
    removed: list[str] = []
    listed = [
        {"Id": "replaced", "RepoDigests": None},
        {"Id": "too", "RepoDigests": ["<none>@<none>"]},
        {"Id": "pulled", "RepoDigests": ["127.0.0.1:5000/radarr@sha256:aa"]},
    ]
    api = SimpleNamespace(images=lambda filters: listed, remove_image=removed.append)  # noqa: ARG005 - docker's
    client: Any = SimpleNamespace(api=api)
    archive._remove_replaced(client)

    assert removed == ["replaced", "too"]


def test_every_stand_in_says_what_it_leaves_out() -> None:
    """What a person reads about fidelity is one sentence or more for each application."""
    told = {app: fidelity(app) for app in known()}

    assert all(len(words) > len("Requests.") for words in told.values())


def test_a_real_program_is_described_by_its_own_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed: what it says of itself; on a bare machine: the package that will bring it."""
    monkeypatch.setattr(programs, "_SEARCH", str(tmp_path))
    assert "Debian's package rclone, not installed yet" in fidelity("rclone")

    fake = tmp_path / "rclone"
    fake.write_text("#!/bin/sh\necho rclone v1.60.1\n")
    fake.chmod(0o755)
    assert "rclone v1.60.1" in fidelity("rclone")


def test_the_command_line_names_what_is_wrong() -> None:
    """An error has its hint and code, and the exit code is 1."""
    command = [sys.executable, "-m", "testbed.images", "build", "--host", "unix:///absent", "nix"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "no stand-in of `nix`" in done.stderr
    assert "[TAME731]" in done.stderr


def test_missing_programs_are_named_with_their_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may not install them reads what to install; nothing is tried."""
    monkeypatch.setattr(programs, "_SEARCH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    with pytest.raises(ProgramsMissing, match="`busybox` and `jq`") as refused:
        programs.ensure(["jq", "busybox"], lambda _: None)

    assert "apt-get install busybox-static jq" in refused.value.hint
