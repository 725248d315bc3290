"""Where each service and each wire of a topology goes, in pixels.

Columns are steps of the pipeline: who calls stands left of who is called. Rows are networks. The
wires that end at the same offer of a service meet at one port, whose label is the offer, so that
each offer is written once. A wire that passes a column does so in a lane of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.ops.graph.groups import Band, bands, columns, subtitle


WIDTH = 186
"""Of a service's box."""
_LINE = 15
_PORT = 19
"""Height that each port takes."""
_LANE = 12
_ROW_GAP = 16
_MARGIN = 26
_HEADER = 34
"""Room for a group's title."""
_LETTER = 6.1
"""Width of a letter of a label, at 10.5 pixels, on the wide side."""


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass
class Cell:
    """Something in a column: a service with its namespace's members, or a lane for a wire."""

    key: str
    column: int
    band: int
    services: tuple[Service, ...] = ()
    """Empty for a lane."""
    target: str = ""
    """Of a lane: the port that the wire goes to."""
    y: float = 0
    offsets: dict[str, float] = field(default_factory=dict)
    """Of each service, from the cell's top."""
    height: float = _LANE


class Places:
    """The finished plan of one topology."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.bands = bands(topology)
        self._column = columns(topology)
        self._band = {s.name: n for n, band in enumerate(self.bands) for s in band.services}
        self.cells = {cell.key: cell for cell in self._cells()}
        self._sort()
        self._stack()

    def ports(self, service: str) -> tuple[str, ...]:
        """The offers of *service* that somebody calls."""
        return tuple(sorted({w.offer for w in self.topology.wires if w.target == service}))

    def lines(self, service: Service) -> tuple[str, ...]:
        """What the box of *service* says below its title."""
        links = self.topology.links
        link = (links[service.name].partition("//")[2],) if service.name in links else ()
        return (subtitle(service), *link)

    def box(self, service: str) -> Box:
        """The rectangle of *service*."""
        cell = self.cells[self.topology.service(service).home]
        fact = self.topology.service(service)
        inset = _MARGIN / 2 if len(cell.services) > 1 else 0
        return Box(
            self.x(cell.column) + inset,
            cell.y + cell.offsets[service],
            WIDTH - 2 * inset,
            self._height(fact),
        )

    def port(self, service: str, offer: str) -> tuple[float, float]:
        """Where wires to *offer* of *service* end: the box's left edge."""
        box, ports = self.box(service), self.ports(service)
        middle = box.y + box.height / 2 - _PORT * (len(ports) - 1) / 2
        return box.x, middle + _PORT * ports.index(offer)

    def namespaces(self) -> Iterator[tuple[Service, Box]]:
        """Each gateway with members, and the rectangle round them."""
        for cell in self.cells.values():
            if len(cell.services) > 1:
                yield cell.services[0], Box(self.x(cell.column), cell.y, WIDTH, cell.height)

    def band_boxes(self) -> Iterator[tuple[Band, Box]]:
        """Each network's rectangle."""
        for number, band in enumerate(self.bands):
            top, bottom = self._extent[number]
            yield band, Box(_MARGIN, top, self.width - 2 * _MARGIN, bottom - top)

    def route(self, source: str, target: str, offer: str) -> list[tuple[float, float]]:
        """The points that a wire passes, from the caller's right edge to the port."""
        start, end = self.box(source), self.port(target, offer)
        points = [(start.x + start.width, start.y + start.height / 2)]
        for column in range(self._column[source] + 1, self._column[target]):
            lane = self.cells[_lane(target, offer, column)]
            middle = lane.y + lane.height / 2
            points += [(self.x(column), middle), (self.x(column) + WIDTH, middle)]
        return [*points, end]

    @cached_property
    def gap(self) -> float:
        """Between two columns: room for the longest label and for curves."""
        longest = max((len(wire.offer) for wire in self.topology.wires), default=0)
        return 64 + longest * _LETTER

    def x(self, column: int) -> float:
        """The left edge of *column*."""
        return 2 * _MARGIN + column * (WIDTH + self.gap)

    @property
    def width(self) -> float:
        """Of the whole picture."""
        return self.x(max(self._column.values(), default=0)) + WIDTH + 2 * _MARGIN

    @property
    def height(self) -> float:
        """Down to the last network's lower edge."""
        return max((bottom for _, bottom in self._extent), default=0)

    def _cells(self) -> Iterator[Cell]:
        for service in self.topology.services:
            if not service.through:
                inside = (service, *self.topology.members(service.name))
                cell = Cell(
                    service.name, self._column[service.name], self._band[service.name], inside
                )
                self._measure(cell)
                yield cell
        seen = set()
        for wire in self.topology.wires:
            for column in range(self._column[wire.source] + 1, self._column[wire.target]):
                key = _lane(wire.target, wire.offer, column)
                if key not in seen:
                    seen.add(key)
                    home = self.topology.service(wire.target).home
                    yield Cell(key, column, self._band[home], target=home)

    def _measure(self, cell: Cell) -> None:
        y = float(_HEADER - 6 if len(cell.services) > 1 else 0)
        for service in cell.services:
            cell.offsets[service.name] = y
            y += self._height(service) + _ROW_GAP / 2
        cell.height = y - _ROW_GAP / 2 + (_MARGIN / 2 if len(cell.services) > 1 else 0)

    def _height(self, service: Service) -> float:
        text = 26 + _LINE * len(self.lines(service))
        return max(text, _PORT * len(self.ports(service.name)) + 8)

    def _sort(self) -> None:
        """Put what is connected side by side: barycentres, four sweeps; ties by name."""
        near = self._neighbours()
        order = self._by_column()
        for sweep in range(4):
            steps = range(len(order)) if sweep % 2 == 0 else reversed(range(len(order)))
            for step in steps:
                rank = {key: (i + 0.5) / len(keys) for keys in order for i, key in enumerate(keys)}
                other = step - 1 if sweep % 2 == 0 else step + 1
                order[step].sort(key=lambda key: self._weight(key, other, near, rank))
        self._order = order

    def _by_column(self) -> list[list[str]]:
        count = max((cell.column for cell in self.cells.values()), default=-1) + 1
        keys = sorted(self.cells, key=lambda key: (self.cells[key].band, key))
        return [[k for k in keys if self.cells[k].column == column] for column in range(count)]

    def _weight(
        self,
        key: str,
        column: int,
        near: Mapping[str, Sequence[str]],
        rank: Mapping[str, float],
    ) -> tuple[int, float, str]:
        beside = [rank[one] for one in near.get(key, ()) if self.cells[one].column == column]
        middle = sum(beside) / len(beside) if beside else rank[key]
        return self.cells[key].band, round(middle, 6), key

    def _neighbours(self) -> dict[str, list[str]]:
        near: dict[str, list[str]] = {}
        for wire in self.topology.wires:
            between = range(self._column[wire.source] + 1, self._column[wire.target])
            path = [
                self.topology.service(wire.source).home,
                *(_lane(wire.target, wire.offer, column) for column in between),
                self.topology.service(wire.target).home,
            ]
            for left, right in pairwise(path):
                near.setdefault(left, []).append(right)
                near.setdefault(right, []).append(left)
        return near

    def _stack(self) -> None:
        """Give each cell its height in its column, each column centred in its network."""
        self._extent: list[tuple[float, float]] = []
        top = float(_MARGIN)
        for number in range(len(self.bands)):
            stacks = [
                [self.cells[key] for key in keys if self.cells[key].band == number]
                for keys in self._order
            ]
            heights = [sum(c.height + _ROW_GAP for c in stack) - _ROW_GAP for stack in stacks]
            tallest = max(heights)
            for stack, height in zip(stacks, heights, strict=True):
                y = top + _HEADER + (tallest - height) / 2
                for cell in stack:
                    cell.y = y
                    y += cell.height + _ROW_GAP
            bottom = top + _HEADER + tallest + _MARGIN
            self._extent.append((top, bottom))
            top = bottom + _MARGIN


def _lane(target: str, offer: str, column: int) -> str:
    return f"{target}/{offer}/{column}"
