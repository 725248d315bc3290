"""How the properties of a resource are read one by one, so that one unknown hides no other."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pulumi_policy.proxy import UnknownValueError

from tame_components.domain.container import Attachment, Mount, PublishedPort
from tame_components.domain.health import Probe, Timing


Props = Mapping[str, Any]
T = TypeVar("T")

_PIECE = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>h|m(?!s)|s|ms)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


class Reader:
    """Reads properties one by one, and remembers which fields could not be read."""

    def __init__(self, props: Props) -> None:
        self.props = props
        self.unknown: set[str] = set()

    def one(self, field: str, key: str, default: T) -> T:
        """The plain value at *key*."""
        try:
            return self.props.get(key) or default
        except UnknownValueError:
            self.unknown.add(field)
            return default

    def table(self, field: str, key: str) -> dict[str, str]:
        """The known entries of the map at *key*."""
        entries: Props = self.one(field, key, {})
        found: dict[str, str] = {}
        for name in entries:
            try:
                found[name] = str(entries[name])
            except UnknownValueError:
                self.unknown.add(field)
        return found

    def each(self, field: str, key: str, convert: Callable[[Any], T]) -> tuple[T, ...]:
        """The known elements of the list at *key*; one unknown part marks the field."""
        found: list[T] = []
        try:
            items = self.props.get(key) or ()
            count = len(items)
        except UnknownValueError:
            self.unknown.add(field)
            return ()
        for index in range(count):
            try:
                found.append(convert(items[index]))
            except UnknownValueError:
                self.unknown.add(field)
        return tuple(found)


def variable(text: str) -> tuple[str, str]:
    """An environment variable's name and value."""
    name, _, value = text.partition("=")
    return name, value


def volume(item: Props) -> Mount | None:
    """An entry of `volumes`; None where it is taken over from another container."""
    if item.get("fromContainer"):
        return None
    host = item.get("hostPath")
    return Mount.model_construct(
        kind="bind" if host else "volume",
        source=host or item.get("volumeName") or "",
        target=item.get("containerPath") or "",
        read_only=bool(item.get("readOnly")),
    )


def mount(item: Props) -> Mount:
    """An entry of `mounts`."""
    options = item.get("volumeOptions") or {}
    return Mount.model_construct(
        kind="bind" if item.get("type") == "bind" else "volume",
        source=item.get("source") or "",
        target=item.get("target") or "",
        read_only=bool(item.get("readOnly")),
        driver=options.get("driverName") or None,
        options=dict(options.get("driverOptions") or {}),
    )


def port(item: Props) -> PublishedPort:
    """A published port; without `external` Docker takes the inner number."""
    inner = int(item["internal"])
    return PublishedPort.model_construct(
        address=item.get("ip") or "",
        host=int(item.get("external") or inner),
        container=inner,
        protocol=item.get("protocol") or "tcp",
    )


def attachment(item: Props) -> Attachment:
    """A network that is joined."""
    aliases = item.get("aliases") or ()
    return Attachment.model_construct(
        network=item["name"], aliases=tuple(aliases[index] for index in range(len(aliases)))
    )


def device(item: Props) -> str:
    """The host's side of a device."""
    return item["hostPath"] or ""


def probe(item: Props) -> Probe:
    """A health check; a number that Docker fills in itself counts as zero."""
    tests = item.get("tests") or ()
    return Probe.model_construct(
        test=tuple(tests[index] for index in range(len(tests))),
        proves="",
        source="",
        timing=Timing.model_construct(
            interval=seconds(item.get("interval") or ""),
            timeout=seconds(item.get("timeout") or ""),
            retries=int(item.get("retries") or 0),
            start_period=seconds(item.get("startPeriod") or ""),
        ),
    )


def seconds(duration: str) -> int:
    """*duration* as Go writes it, e.g. `1m30s`, in whole seconds."""
    pieces = _PIECE.finditer(duration)
    return int(sum(float(piece["number"]) * _SECONDS[piece["unit"]] for piece in pieces))
