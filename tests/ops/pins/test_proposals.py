"""An update as a pull request: one for each application, in words that a person can act on."""

import tomllib
from pathlib import Path
from typing import Any

from tame_components.catalog import catalog
from tame_components.domain.compose import compose_topology
from tame_components.domain.lock import Lock
from tame_components.domain.topology import Topology
from tame_components.ops.pins.moving import Move, moves
from tame_components.ops.pins.proposal_text import Told, body
from tame_components.ops.pins.proposals import Proposal, older, proposals, put
from tame_components.ops.pins.write import write
from tests.harness import stacks
from tests.harness.fake_registry import FakeRegistry, registries_of


PIN = catalog()["radarr"].image
NEWEST = "99.1.2.3-ls400"
BORN, LATER = "2026-06-01T00:00:00Z", "2026-08-09T12:00:00Z"
ALL = {PIN.tag: BORN, NEWEST: LATER}
SERVER, NODE = catalog()["tdarr"].image, catalog()["tdarr-node"].image


def stack(name: str, **services: Any) -> Topology:
    """A stack called *name* for what it is called."""
    asked = services or {"radarr": {}}
    return stacks.topology(name, environment=name, services=asked, vpn=None)


def found(directory: Path, *topologies: Topology, **further: dict[str, str]) -> tuple[Move, ...]:
    """What moves, by a registry that has *further* repositories too."""
    names = {name.replace("__", "/"): tags for name, tags in further.items()}
    return moves(directory, topologies, registries_of(FakeRegistry(ALL, further=names)))


def text(moving: tuple[Move, ...], *topologies: Topology, replaced: tuple[str, ...] = ()) -> str:
    """The pull request's."""
    (proposal,) = proposals(moving)
    return body(proposal.title, proposal.moves, Told(topologies, replaced))


def test_the_text_says_what_moves_and_what_follows(tmp_path: Path) -> None:
    """From and to of each stack, when it was built, what it brings, and the way to production."""
    pair = stack("sandbox", radarr={}, **{"radarr-4k": {"app": "radarr"}}), stack("prod")
    said = text(found(tmp_path, *pair), *pair)

    assert f"| sandbox | radarr, radarr-4k | `{PIN.tag}` | `{NEWEST}` |" in said
    assert f"| prod | radarr | `{PIN.tag}` | `{NEWEST}` |" in said
    assert said.count("built on 2026-08-09") == 1
    assert said.count("what it brings: http") == 1
    assert "Before you merge" not in said
    order = [said.index(one) for one in ("1. sandbox", "2. A person approves", "3. prod gets")]
    assert order == sorted(order)
    assert "come back by themselves" in said


def test_each_application_has_a_branch_with_the_locks_of_all(tmp_path: Path) -> None:
    """A merge moves every stack that runs it, and nothing else of their locks."""
    digest = f"sha256:{'1' * 64}"
    other = Lock(pins={"sonarr": "lscr.io/linuxserver/sonarr:4.0.0.1-ls1"}, images={"a:1": digest})
    write(tmp_path, "prod", other)
    pair = stack("sandbox"), stack("prod")
    (proposal,) = proposals(found(tmp_path, *pair))
    place = put(proposal, Told(pair), tmp_path / "out", tmp_path)

    assert (place / "branch").read_text() == f"pins/radarr-{NEWEST}\n"
    assert (place / "title").read_text() == f"Radarr {NEWEST}\n"
    locks = {
        file.name: tomllib.loads(file.read_text()) for file in sorted((place / "files").iterdir())
    }
    assert set(locks) == {"images.sandbox.lock.toml", "images.prod.lock.toml"}
    sandbox, prod = locks["images.sandbox.lock.toml"], locks["images.prod.lock.toml"]
    moved = f"{PIN.repository}:{NEWEST}"
    assert sandbox == {"pins": {"radarr": moved}, "images": {moved: prod["images"][moved]}}
    assert prod["pins"] == {**other.pins, "radarr": moved}
    assert prod["images"]["a:1"] == digest
    assert not (tmp_path / "images.sandbox.lock.toml").exists()


def test_what_goes_together_only_in_one_version_is_one_proposal(tmp_path: Path) -> None:
    """A Tdarr node of another version than its server would be refused by it."""
    topology = stack("prod", tdarr={}, **{"tdarr-node": {}})
    tags = {str(SERVER.tag): BORN, "99.01.01": LATER}
    lists = {"haveagitgat__tdarr": tags, "haveagitgat__tdarr_node": tags}
    (proposal,) = proposals(found(tmp_path, topology, **lists))

    assert proposal.branch == "pins/tdarr-99.01.01"
    assert proposal.title == "Tdarr and Tdarr node 99.01.01"
    assert [move.pin.services for move in proposal.moves] == [("tdarr",), ("tdarr-node",)]
    assert "takes no node" not in body(proposal.title, proposal.moves, Told((topology,)))


def test_a_known_incompatibility_stands_before_the_merge(tmp_path: Path) -> None:
    """The node's new release is not there yet: the server alone would lose it."""
    topology = stack("prod", tdarr={}, **{"tdarr-node": {}})
    old = {str(SERVER.tag): BORN}
    lists = {
        "haveagitgat__tdarr": {**old, "99.01.01": LATER},
        "haveagitgat__tdarr_node": old,
    }
    said = text(found(tmp_path, topology, **lists), topology)

    assert "tdarr-node in prod: it meets `tdarr`: a Tdarr server takes no node" in said
    assert "Instead: move both pins together" in said


def test_what_the_sandbox_does_not_run_is_said(tmp_path: Path) -> None:
    """Proposed it is, and a person knows that nobody will have proved it."""
    sonarr = {str(catalog()["sonarr"].image.tag): BORN}
    pair = stack("sandbox", sonarr={}), stack("prod")
    said = text(found(tmp_path, *pair, linuxserver__sonarr=sonarr), *pair)

    assert "**radarr in prod is not proved first**: sandbox does not run this release" in said
    assert "without a proof" in said
    assert "1. sandbox" not in said


def test_a_sandbox_whose_settings_hold_the_app_is_named(tmp_path: Path) -> None:
    """Its lock does not move it, so production would wait for ever, and nobody knew why."""
    held = stack("sandbox", radarr={"image": str(PIN.reference)})
    pair = held, stack("prod")
    said = text(found(tmp_path, *pair), *pair)

    assert f"radarr in sandbox stays at `{PIN.tag}`: its settings name it" in said
    assert "not proved first" in said


def test_a_sandbox_that_runs_the_release_proves_it(tmp_path: Path) -> None:
    """It moved before: then prod alone moves, and there is nothing to warn of."""
    lock = Lock(pins={"radarr": f"{PIN.repository}:{NEWEST}"})
    settings = stacks.settings("sandbox", environment="sandbox", services={"radarr": {}}, vpn=None)
    pair = compose_topology(settings, catalog(), lock=lock), stack("prod")
    moving = found(tmp_path, *pair)

    assert [move.stack for move in moving] == ["prod"]
    assert "Before you merge" not in text(moving, *pair)


def test_production_that_does_not_run_it_stays(tmp_path: Path) -> None:
    """The text promises no promotion that will not happen."""
    sonarr = {str(catalog()["sonarr"].image.tag): BORN}
    pair = stack("sandbox"), stack("prod", sonarr={})
    said = text(found(tmp_path, *pair, linuxserver__sonarr=sonarr), *pair)

    assert "Production does not change." in said
    assert "approves" not in said


def test_an_older_open_proposal_of_the_same_app_is_named(tmp_path: Path) -> None:
    """Only that: not of another app whose name begins alike, not itself, nothing newer."""
    pair = stack("sandbox"), stack("prod")
    (proposal,) = proposals(found(tmp_path, *pair))
    branches = {
        "pins/radarr-98.0.0.1-ls1": "#3",
        f"pins/radarr-{NEWEST}": "#4",
        "pins/radarr-99.9.9.9-ls999": "#5",
        "pins/radarr-4k-98.0.0.1-ls1": "#6",
        "pins/sonarr-98.0.0.1-ls1": "#7",
        "98.0.0.1-ls1": "#8",
    }
    named = tuple(older(proposal, branches))

    assert named == ("#3",)
    said = body(proposal.title, proposal.moves, Told(pair, named))
    assert "takes the place of #3, which can be closed" in said


def test_every_app_can_be_proposed() -> None:
    """A branch is one that Git takes, for every name and every pin of the catalog."""
    for name, app in catalog().items():
        branch = Proposal(name, str(app.image.tag), ()).branch
        assert not set(branch) & set(" ~^:?*[\\")
        assert ".." not in branch
        assert not branch.endswith((".lock", "/", "."))
