"""Which component of a stack makes which service."""

from collections.abc import Mapping
from enum import StrEnum

from tame_components.domain.app import Kind
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology


class Part(StrEnum):
    """What a service belongs to. It follows from its application alone, so it never changes."""

    SERVICE = "service"
    TRANSCODER = "transcoder"
    LIVE_TV = "live-tv"
    OBSERVABILITY = "observability"
    REMOTE_ACCESS = "remote-access"
    BACKUP = "backup"
    AGENT = "agent"


_BY_KIND = {
    Kind.LIVE_TV: Part.LIVE_TV,
    Kind.OBSERVABILITY: Part.OBSERVABILITY,
    Kind.REMOTE_ACCESS: Part.REMOTE_ACCESS,
    Kind.BACKUP: Part.BACKUP,
    Kind.AGENT: Part.AGENT,
}


def part_of(service: Service) -> Part:
    """The part of the stack that makes *service*."""
    if service.app.transcodes:
        return Part.TRANSCODER
    return _BY_KIND.get(service.app.kind, Part.SERVICE)


def parts(topology: Topology) -> Mapping[Part, tuple[Service, ...]]:
    """Every service but VPN gateways and their members, by the part that makes it."""
    return {
        part: tuple(service for service in topology.direct if part_of(service) is part)
        for part in Part
    }
