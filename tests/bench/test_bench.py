"""The comparison is honest: each side is asked for the same, and the report says what was got."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf.json_format import MessageToDict
from media import compose
from pulumi.runtime import set_all_config

from bench import compose_file, flat
from bench.report import FROM, TO, Figures, Target, write
from tame_components import load_settings
from tame_components.catalog import catalog
from tame_components.compose.contents import contents, keys_of
from tame_components.domain.planes import Plane
from tame_components.domain.rendering import container_of
from tame_components.domain.topology import Topology
from testbed.dev import topology_of
from tests.harness import stacks
from tests.harness.recorder import Recorder, deploy


ROOT_SECRET = "root-secret-0123456789-0123456789-0123"  # noqa: S105 - of a recorder
GIVEN = {
    "gluetun.wireguard_private_key": "tunnel-key",
    "notifiarr.api-key": "0" * 32,
    "cloudflared.token": "tunnel-token",
    "rclone.config": "[offsite]",
}
EVERYTHING: dict[str, Any] = {
    "services": {name: {} for name, app in catalog().items() if app.published}
}
EQUAL = {
    "services": {f"prowlarr-{number:03}": {"app": "prowlarr"} for number in range(1, 26)},
    "identity": {"uid": 13_001},
    "vpn": None,
    "probe_interval": 1,
}
CASES = {"the core": {}, "the whole catalog": EVERYTHING, "equal services": EQUAL}


def _values(changes: dict[str, Any]) -> dict[str, Any]:
    values = stacks.values(**changes)
    taken: set[int] = set()
    for name, asked in values["services"].items():
        ui = catalog()[asked.get("app", name)].port()
        if ui and ui.number in taken:  # some applications have the same port
            values["services"][name] = {**asked, "publish": 20_000 + len(taken)}
        if ui and catalog()[asked.get("app", name)].plane is Plane.USER:
            taken.add(values["services"][name].get("publish", ui.number))
    return values


def _given(topology: Topology) -> dict[str, str]:
    names = {service.name for service in topology.services}
    return {path: value for path, value in GIVEN.items() if path.partition(".")[0] in names}


def _by_components(values: dict[str, Any]) -> Recorder:
    given: dict[str, dict[str, str]] = {}
    for path, value in _given(topology_of("test", values)).items():
        service, _, name = path.partition(".")
        given.setdefault(service, {})[name] = value
    config = {
        f"tame:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in values.items()
    }
    hidden = {"tame:root_secret": ROOT_SECRET, "tame:secrets": json.dumps(given)}

    def program() -> None:
        set_all_config({**config, **hidden}, list(hidden))
        compose(load_settings())

    return deploy(program, preview=True)


def _by_hand(values: dict[str, Any]) -> Recorder:
    topology = topology_of("test", values)
    keys = keys_of(topology, ROOT_SECRET, _given(topology))
    containers = {one.name: container_of(topology, one) for one in topology.services}
    text = flat.program(topology, containers, keys)

    def program() -> None:
        set_all_config({"flat:keys": json.dumps(keys)}, ["flat:keys"])
        exec(compile(text, "flat", "exec"), {})  # noqa: S102 - what is tested is this program

    return deploy(program, preview=True)


def _resources(recorder: Recorder) -> dict[str, dict[str, Any]]:
    """What each resource that is none of ours asks for, parents and components aside."""
    names = {urn: request.name for urn, request in recorder.requests.items()}
    return {
        f"{request.type} {request.name}": {
            "inputs": MessageToDict(request.object),
            "after": {names[urn] for urn in request.dependencies},
            "provider": request.provider.rpartition("::")[0].rpartition("::")[2],
            "replaced": (request.deleteBeforeReplace, sorted(request.replaceOnChanges)),
            "patience": (request.customTimeouts.create, request.customTimeouts.delete),
        }
        for request in recorder.requests.values()
        if request.custom
    }


@pytest.mark.parametrize("changes", CASES.values(), ids=CASES)
def test_the_flat_program_asks_for_what_the_components_ask_for(changes: dict[str, Any]) -> None:
    """Same resources, inputs, order, provider and ways of replacing: only the components differ."""
    values = _values(changes)
    components, by_hand = _resources(_by_components(values)), _resources(_by_hand(values))

    assert len(by_hand) > 2 * len(values["services"])
    assert set(by_hand) == set(components)
    for name, resource in by_hand.items():
        assert resource == components[name], name


def test_the_flat_program_is_free_of_tame() -> None:
    """It imports what a person without TAME has, and computes nothing."""
    topology = topology_of("test", _values(EVERYTHING))
    containers = {one.name: container_of(topology, one) for one in topology.services}
    text = flat.program(topology, containers, {})
    imports = {line.split()[1] for line in text.splitlines() if line.startswith("import ")}

    assert imports == {"asyncio", "gc", "pulumi", "pulumi_command", "pulumi_docker"}
    assert not any(line.startswith(("for ", "def ", "from ")) for line in text.splitlines())


def test_the_compose_file_asks_for_what_the_components_ask_for(
    tmp_path: Path, monkeypatch: Any
) -> None:
    """Each container has the same image, variables, mounts, files, ports, namespace and limits."""
    monkeypatch.setattr("os.chown", lambda *_: None)
    topology = topology_of("test", _values(EVERYTHING))
    keys = keys_of(topology, ROOT_SECRET, _given(topology))
    containers = {one.name: container_of(topology, one) for one in topology.services}
    owned = {s.name: contents(topology, s, keys) for s in topology.services}
    file = compose_file.write(tmp_path, topology, keys)
    written = yaml.safe_load(file.read_text())["services"]

    assert set(written) == {service.name for service in topology.services}
    for name, service in written.items():
        fact, inside = containers[name], owned[name]
        assert service["image"] == fact.image
        assert set(service.get("environment", {})) == {*fact.environment, *inside.plain}
        assert ("env_file" in service) == bool(inside.hidden)
        mounted = [one["target"] for one in service.get("volumes", [])]
        assert mounted == [one.target for one in fact.mounts] + [one.path for one in inside.files]
        assert len(service.get("ports", [])) == len(fact.ports)
        assert set(service.get("networks", {})) == {one.network for one in fact.attachments}
        assert service.get("network_mode", "").startswith("service:") == bool(fact.shares)
        assert service["mem_limit"] == f"{fact.memory_mb}m"
        assert ("healthcheck" in service) == bool(fact.probe and fact.probe.test)


def test_the_old_compose_gets_keys_that_it_knows(tmp_path: Path, monkeypatch: Any) -> None:
    """Compose of before version 2 refuses a project's name, and how to follow a restart."""
    monkeypatch.setattr("os.chown", lambda *_: None)
    topology = topology_of("test", _values({}))
    keys = keys_of(topology, ROOT_SECRET, _given(topology))
    file = compose_file.write(tmp_path, topology, keys, old=True)
    model = yaml.safe_load(file.read_text())

    assert set(model) == {"services", "networks"}
    assert model["services"]["qbittorrent"]["depends_on"] == {
        "gluetun": {"condition": "service_healthy"}
    }


def test_figures_replace_what_stood_between_the_marks(tmp_path: Path) -> None:
    """The rest of the page is a person's; writing twice leaves the last report."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{FROM}\nold\n{TO}\nafter\n")
    write("first", page)
    write("second", page)

    assert page.read_text() == f"before\n{FROM}\nsecond\n{TO}\nafter\n"


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    """A report is never written over somebody's text."""
    page = tmp_path / "page.md"
    page.write_text("by hand\n")
    with pytest.raises(ValueError, match="marks"):
        write("report", page)

    assert page.read_text() == "by hand\n"


def test_the_real_page_has_its_marks(tmp_path: Path) -> None:
    """`--write` finds where the figures go."""
    from bench.report import PAGE

    page = tmp_path / "page.md"
    page.write_text(PAGE.read_text())
    write("figures", page)

    assert "\nfigures\n" in page.read_text()


def test_a_missed_target_says_so() -> None:
    """A figure is judged against what was promised, in the unit of the promise."""
    assert str(Target("x", 0.12, 0.10)) == "x: 12 % (at most 10 %): **missed**"
    assert str(Target("x", 1.5, 2, ratio=True)) == "x: 1.50 times (at most 2.00 times): met"
    assert str(Target("x", 9.87, 15, unit="s")) == "x: 9.87 s (at most 15 s): met"
    assert str(Figures([3.0, 1.0, 2.0])) == "2.00 s (1.00 to 3.00)"
