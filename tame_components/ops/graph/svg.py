"""A topology as a picture for a page: SVG without scripts, fonts or links to elsewhere."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.ops.graph.places import Box, Places


_STYLE = """
    .paper { fill: #ffffff; }
    .net { fill: #f8fafc; stroke: #94a3b8; stroke-dasharray: 6 4; }
    .namespace { fill: #fef3c7; stroke: #b45309; }
    .box { fill: #ffffff; stroke: #64748b; }
    .user { fill: #15803d; } .operator { fill: #1d4ed8; } .internal { fill: #64748b; }
    .wire { fill: none; stroke: #64748b; stroke-width: 1.3; }
    .head { fill: #64748b; } .label { fill: #f8fafc; }
    text { font-family: system-ui, "DejaVu Sans", sans-serif; fill: #0f172a; }
    .title { font-size: 13px; font-weight: 600; }
    .small { font-size: 10.5px; fill: #475569; }
    .group { font-size: 12px; font-weight: 600; fill: #475569; }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0f172a; } .net { fill: #172033; stroke: #64748b; }
      .namespace { fill: #3b2a10; stroke: #d97706; } .box { fill: #1e293b; stroke: #94a3b8; }
      .user { fill: #4ade80; } .operator { fill: #60a5fa; } .internal { fill: #94a3b8; }
      .wire { stroke: #94a3b8; }
      .head { fill: #94a3b8; } .label { fill: #172033; }
      text { fill: #f1f5f9; } .small, .group { fill: #cbd5e1; }
    }"""
_LEGEND = 58
_PORT_DEPTH = 10
"""Between the tip of an arrow's shaft and the box."""


def svg(topology: Topology) -> str:
    """The picture: networks as rows, callers left of the called, the VPN's namespace as a box."""
    places = Places(topology)
    size = _n(places.width), _n(places.height + _LEGEND)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}"',
        f'  width="{size[0]}" height="{size[1]}" role="img" aria-labelledby="t d">',
        f'  <title id="t">Stack {escape(topology.stack)}</title>',
        f'  <desc id="d">{escape(_description(topology))}</desc>',
        f"  <style>{_STYLE}\n  </style>",
        f'  <rect class="paper" width="{size[0]}" height="{size[1]}" rx="10"/>',
        *_groups(places),
        *_wires(places),
        *(line for service in topology.services for line in _service(places, service)),
        *_legend(places),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _description(topology: Topology) -> str:
    """The picture in words, for who cannot see it."""
    calls = "; ".join(f"{w.source} calls {w.target} for {w.offer}" for w in topology.wires)
    inside = "; ".join(
        f"{one.name} lives in the network namespace of {one.through}"
        for one in topology.services
        if one.through
    )
    return ". ".join(part for part in (calls, inside) if part) or "no wires"


def _groups(places: Places) -> Iterator[str]:
    for band, box in places.band_boxes():
        yield _rectangle("net", box, 10)
        yield _text("group", box.x + 14, box.y + 21, f"network {band.title}")
    vpn = places.topology.settings.vpn
    through = f": {vpn.provider}" if vpn else ""
    for _, box in places.namespaces():
        yield _rectangle("namespace", box, 8)
        yield _text("small", box.x + 10, box.y + 18, f"VPN namespace{through}")


def _wires(places: Places) -> Iterator[str]:
    """Every wire, then every label, so that no wire crosses a word."""
    labels: dict[tuple[str, str], tuple[float, float, float]] = {}
    for wire in places.topology.wires:
        *points, (x, y) = places.route(wire.source, wire.target, wire.offer)
        start = x - _PORT_DEPTH - _label_width(wire.offer)
        path = _curves([*points, (start, y)])
        tip = f"{wire.source} calls {wire.target} for {wire.offer}: {wire.url}"
        yield f'  <path class="wire" d="{path}"><title>{escape(tip)}</title></path>'
        labels[wire.target, wire.offer] = (start, x, y)
    for (_, offer), where in labels.items():
        yield from _port(offer, *where)


def _port(offer: str, start: float, x: float, y: float) -> Iterator[str]:
    """The label of an offer, and the arrow from it into the service."""
    size = _label_width(offer)
    yield (
        f'  <rect class="label" x="{_n(start)}" y="{_n(y - 8)}" '
        f'width="{_n(size)}" height="16" rx="8"/>'
    )
    yield _text("small", start + size / 2, y + 3.6, offer, anchor="middle")
    yield (
        f'  <path class="head" d="M{_n(x - _PORT_DEPTH)},{_n(y - 4)} '
        f'L{_n(x - 1)},{_n(y)} L{_n(x - _PORT_DEPTH)},{_n(y + 4)} Z"/>'
    )


def _label_width(text: str) -> float:
    return 12 + 6.1 * len(text)


def _curves(points: list[tuple[float, float]]) -> str:
    """A path through *points*: each leg leaves and arrives level."""
    (x, y), *rest = points
    path = f"M{_n(x)},{_n(y)}"
    for to_x, to_y in rest:
        reach = max(24.0, abs(to_x - x) / 2)
        path += f" C{_n(x + reach)},{_n(y)} {_n(to_x - reach)},{_n(to_y)} {_n(to_x)},{_n(to_y)}"
        x, y = to_x, to_y
    return path


def _service(places: Places, service: Service) -> Iterator[str]:
    box = places.box(service.name)
    yield f"  <g><title>{escape(f'{service.app.title}: {service.app.summary}')}</title>"
    yield _rectangle("box", box, 6)
    yield _rectangle(str(service.plane), Box(box.x, box.y, 6, box.height), 3)
    texts = places.lines(service)
    y = box.y + (box.height - 15 * len(texts)) / 2 + 4.5
    yield _text("title", box.x + 16, y, service.name)
    for text in texts:
        y += 15
        yield _text("small", box.x + 16, y, text)
    yield "  </g>"


def _legend(places: Places) -> Iterator[str]:
    y = places.height + 30
    planes = (("user", "user plane"), ("operator", "operator plane"), ("internal", "internal"))
    x = 40.0
    for plane, text in planes:
        yield _rectangle(plane, Box(x, y - 9, 6, 12), 2)
        yield _text("small", x + 12, y, text)
        x += 30 + 6.4 * len(text)
    yield _text("small", x, y, "arrow: calls; its label: what for; dashed: a network")


def _rectangle(kind: str, box: Box, radius: int) -> str:
    return (
        f'  <rect class="{kind}" x="{_n(box.x)}" y="{_n(box.y)}" '
        f'width="{_n(box.width)}" height="{_n(box.height)}" rx="{radius}"/>'
    )


def _text(kind: str, x: float, y: float, text: str, *, anchor: str = "start") -> str:
    place = f'x="{_n(x)}" y="{_n(y)}"'
    anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'  <text class="{kind}" {place}{anchored}>{escape(text)}</text>'


def _n(number: float) -> str:
    """A coordinate: one decimal at most, the same on every machine."""
    return f"{number:.1f}".removesuffix(".0")
