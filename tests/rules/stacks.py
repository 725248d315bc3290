"""Containers and scopes that the tests of the rules start from."""

from typing import Any

from tame_components.domain.container import Attachment, Container, Mount, PublishedPort
from tame_components.domain.health import Probe
from tame_components.rules import RULES, Judgement, Scope, judge


DATA = "/srv/data"
SOCKET = "/var/run/docker.sock"
DIGEST = "sha256:" + "0123456789abcdef" * 4
CHECK = Probe(
    test=("CMD", "curl", "-fsS", "http://127.0.0.1:7878/ping"), proves="it answers", source="tests"
)
NET = (Attachment(network="media"),)


def container(name: str = "radarr", **fields: Any) -> Container:
    """A container that breaks no rule, apart from what *fields* say."""
    defaults: dict[str, Any] = {
        "image": f"lscr.io/linuxserver/{name}:5.26.2@{DIGEST}",
        "attachments": NET,
        "probe": CHECK,
        "stop_grace": 120,
        "memory_mb": 512,
        "security_options": ("no-new-privileges:true",),
        "log_options": {"max-size": "10m"},
    }
    if name == "radarr":
        defaults["mounts"] = (bind(DATA, "/data"), bind("/srv/config/radarr", "/config"))
    return Container(name=name, **(defaults | fields))


def bind(source: str, target: str, *, read_only: bool = False) -> Mount:
    """A directory or file of the host."""
    return Mount(source=source, target=target, read_only=read_only)


def volume(target: str, driver: str | None = None, **options: str) -> Mount:
    """A named volume."""
    return Mount(kind="volume", source="named", target=target, driver=driver, options=options)


def port(number: int, address: str = "127.0.0.1") -> PublishedPort:
    """A port of the host that leads to the same port of the container."""
    return PublishedPort(address=address, host=number, container=number)


def stack(*containers: Container, **fields: Any) -> Scope:
    """A scope in which *containers* are all there is."""
    given: dict[str, Any] = {"containers": containers, "complete": True, "networks": {}}
    return Scope(**(given | fields))


def judged(rule: str, offender: Container, scope: Scope | None = None) -> Judgement:
    """What one rule says."""
    return judge(offender, scope or Scope(data_root=DATA), [RULES[rule]])
