"""A topology as a Mermaid flowchart, which GitHub and many wikis draw in place."""

from collections.abc import Iterator

from tame_components.domain.app import Kind
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.ops.graph.groups import Band, bands, subtitle


_SHAPES = {
    Kind.MEDIA_SERVER: ("[(", ")]"),
    Kind.REQUESTS: ("([", "])"),
    Kind.DOWNLOADS: ("[/", "/]"),
    Kind.VPN: ("{{", "}}"),
}
_STYLES = (
    "  classDef user fill:#dcfce7,stroke:#15803d,color:#14532d",
    "  classDef operator fill:#dbeafe,stroke:#1d4ed8,color:#1e3a8a",
    "  classDef internal fill:#f1f5f9,stroke:#64748b,color:#334155",
)


def mermaid(topology: Topology) -> str:
    """The flowchart: networks as groups, services coloured by plane, wires labelled by offer."""
    lines = ["---", f"title: stack {topology.stack}", "---", "flowchart LR"]
    for number, band in enumerate(bands(topology)):
        lines += _band(topology, number, band)
    lines += [f"  {_id(w.source)} -- {w.offer} --> {_id(w.target)}" for w in topology.wires]
    lines += _STYLES
    for plane in sorted({service.plane for service in topology.services}):
        names = ",".join(_id(one.name) for one in topology.services if one.plane is plane)
        lines.append(f"  class {names} {plane}")
    return "\n".join(lines) + "\n"


def _band(topology: Topology, number: int, band: Band) -> Iterator[str]:
    yield f'  subgraph band{number}["{band.title}"]'
    for service in band.services:
        members = topology.members(service.name)
        if service.through:
            continue
        if not members:
            yield f"    {_node(service)}"
            continue
        yield f'    subgraph vpn_{_id(service.name)}["network namespace of {service.name}"]'
        yield from (f"      {_node(one)}" for one in (service, *members))
        yield "    end"
    yield "  end"


def _node(service: Service) -> str:
    before, after = _SHAPES.get(service.app.kind, ("[", "]"))
    return f'{_id(service.name)}{before}"{service.app.title}<br/>{subtitle(service)}"{after}'


def _id(service: str) -> str:
    """Prefixed: some words, as `end`, mean something to Mermaid; so may a `-`."""
    return f"s_{service.replace('-', '_')}"
