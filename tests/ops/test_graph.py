"""The picture shows the topology, all of it, and nothing on top of anything."""

import itertools
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from tame_components.catalog import catalog
from tame_components.domain.compose import compose_topology
from tame_components.domain.settings_check import check_settings
from tame_components.domain.topology import Topology
from tame_components.ops.graph.groups import columns
from tame_components.ops.graph.mermaid import mermaid
from tame_components.ops.graph.places import Box, Places
from tame_components.ops.graph.svg import svg
from tests.harness.stacks import only, topology


ROOT = Path(__file__).parents[2]


def _committed(stack: str) -> Topology:
    config = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text("utf-8"))["config"]
    found = {key[5:]: value for key, value in config.items() if key.startswith("tame:")}
    return compose_topology(check_settings("Pulumi.yaml", stack, found), catalog())


STACKS = [
    pytest.param(lambda: _committed("dev"), id="dev"),
    pytest.param(lambda: _committed("prod"), id="prod"),
    pytest.param(topology, id="core"),
    pytest.param(lambda: only("radarr"), id="one"),
    pytest.param(lambda: topology(services={"plex": {"host_network": True}}), id="host"),
]


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> Topology:
    """Small and large stacks."""
    made: Topology = request.param()
    return made


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def test_no_two_services_overlap(stack: Topology) -> None:
    """Every box has its place to itself."""
    places = Places(stack)
    boxes = {one.name: places.box(one.name) for one in stack.services}

    clashes = [(a, b) for a, b in itertools.combinations(boxes, 2) if _overlap(boxes[a], boxes[b])]

    assert clashes == []


def test_everything_lies_inside_the_picture_and_its_network(stack: Topology) -> None:
    """No box sticks out of the network that it belongs to."""
    places = Places(stack)
    for band, outer in places.band_boxes():
        assert outer.x + outer.width <= places.width
        for service in band.services:
            box = places.box(service.name)
            assert outer.x <= box.x
            assert box.x + box.width <= outer.x + outer.width
            assert outer.y <= box.y
            assert box.y + box.height <= outer.y + outer.height


def test_no_wire_runs_through_a_service(stack: Topology) -> None:
    """A wire passes a column in a lane of its own."""
    places = Places(stack)
    for wire in stack.wires:
        points = places.route(wire.source, wire.target, wire.offer)
        lanes = [
            Box(left[0], left[1] - 0.5, right[0] - left[0], 1)
            for left, right in itertools.pairwise(points[1:-1])
            if left[1] == right[1]
        ]
        for lane, service in itertools.product(lanes, stack.services):
            assert not _overlap(lane, places.box(service.name)), (wire, service.name)


def test_who_calls_stands_left_of_who_is_called(stack: Topology) -> None:
    """The pipeline reads from left to right."""
    column = columns(stack)

    assert [w for w in stack.wires if column[w.source] >= column[w.target]] == []


def test_the_svg_is_well_formed_and_tells_itself(stack: Topology) -> None:
    """It parses, has a title and a description, and names every service and every wire."""
    root = ET.fromstring(svg(stack))  # noqa: S314 - our own text
    space = "{http://www.w3.org/2000/svg}"
    texts = {element.text for element in root.iter(f"{space}text")}
    wires = [e for e in root.iter(f"{space}path") if e.get("class") == "wire"]
    described = root.findtext(f"{space}desc") or ""

    assert root.findtext(f"{space}title") == f"Stack {stack.stack}"
    assert {one.name for one in stack.services} <= texts
    assert len(wires) == len(stack.wires)
    assert all(f"{w.source} calls {w.target}" in described for w in stack.wires)


def test_mermaid_has_each_service_and_each_wire_once(stack: Topology) -> None:
    """As many arrows as wires, as many nodes as services, every group closed."""
    lines = mermaid(stack).splitlines()

    assert sum("-->" in line for line in lines) == len(stack.wires)
    assert sum("<br/>" in line for line in lines) == len(stack.services)
    groups = sum(line.strip().startswith("subgraph") for line in lines)
    assert groups == sum(line.strip() == "end" for line in lines)


def test_pictures_are_the_same_every_time(stack: Topology) -> None:
    """A picture in a repository changes only with its stack."""
    again = Topology.model_validate(stack.model_dump())

    assert svg(again) == svg(stack)
    assert mermaid(again) == mermaid(stack)
