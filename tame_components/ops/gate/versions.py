"""Each application answers, and says that it is the version that its pin promises."""

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from tame_components.domain.errors import EngineUnreachable, TameError, counted
from tame_components.domain.service import Service
from tame_components.ops.forward import ui_address
from tame_components.ops.gate.model import (
    Check,
    Finding,
    Scene,
    failed,
    inconclusive,
    not_applicable,
    passed,
)


_TIMEOUT = 10.0
"""Seconds; the gate asks once, after the soak."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes


def _answers(scene: Scene) -> Finding:
    """A release that keeps its health endpoint alive and fails everywhere else is a bad one."""
    asked = [one for one in scene.lasting if (port := one.app.port()) and port.scheme == "http"]
    if not asked:
        return not_applicable("no service has a UI")
    if scene.host.beyond:
        return inconclusive(scene.host.beyond)
    seen: dict[str, int | str] = {}
    for service in asked:
        answer = _get(scene, service, "/", {})
        seen[service.name] = answer if isinstance(answer, str) else answer.status
    broken = [f"`{name}`: {_said(one)}" for name, one in seen.items() if _is_broken(one)]
    if broken:
        return failed("; ".join(broken), status=seen)
    return passed(f"{counted(len(seen), 'user interface')} tried, each answers", status=seen)


def _versions(scene: Scene) -> Finding:
    asked = [one for one in scene.lasting if one.app.version is not None and one.app.port()]
    silent = sorted(one.name for one in scene.lasting if one.app.version is None)
    if not asked:
        return not_applicable("no application of the stack is known to say its version")
    if scene.host.beyond:
        return inconclusive(scene.host.beyond)
    told = {service.name: _told(scene, service) for service in asked}
    pins = {service.name: service.image.tag or "" for service in asked}
    wrong = [
        f"`{name}` says {said}, and `{pins[name]}` is pinned"
        for name, said in told.items()
        if not is_of(said, pins[name])
    ]
    measured = {"told": told, "pins": pins, "not_asked": silent}
    if wrong:
        return failed("; ".join(wrong), **measured)
    note = f"; {len(silent)} say theirs nowhere" if silent else ""
    return passed(
        f"{counted(len(told), 'application')} asked, each is the pinned version{note}", **measured
    )


def is_of(said: str, tag: str) -> bool:
    """Whether the version *said* is the one that *tag* names: whole, not the start of another."""
    version = re.escape(said.strip().lstrip("vV"))
    return bool(version) and bool(re.search(rf"(?<![\d.]){version}(?!\d|\.\d)", tag))


def _told(scene: Scene, service: Service) -> str:
    """The version that the application says, or what went wrong."""
    fact = service.app.version
    if fact is None:
        return "nothing"
    headers = {}
    if fact.header is not None:
        key = scene.api_key(service)
        if key is None:
            return "nothing without its API key, which nobody gave"
        headers[fact.header] = key
    answer = _get(scene, service, fact.path, headers)
    if isinstance(answer, str):
        return answer
    if answer.status != HTTPStatus.OK:
        return _said(answer.status)
    try:
        return str(resolve(json.loads(answer.body), fact.pointer))
    except (ValueError, LookupError, TypeError):
        return "something without a version"


def resolve(document: object, pointer: str) -> object:
    """What the JSON pointer (RFC 6901) *pointer* leads to in *document*.

    Raises:
        LookupError: it leads nowhere.
        TypeError: it goes through something that holds nothing.
    """
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        match document:
            case dict():
                document = document[key]
            case list():
                document = document[int(key)]
            case _:
                raise TypeError(key)
    return document


def _get(scene: Scene, service: Service, path: str, headers: Mapping[str, str]) -> _Answer | str:
    """The answer of the service's UI port, or why there is none."""
    try:
        address, port = ui_address(scene.topology, service.name, scene.engine)
        connection = scene.host.connection(address, port, _TIMEOUT)
        try:
            connection.request("GET", path, headers=dict(headers))
            response = connection.getresponse()
            return _Answer(response.status, response.read())
        finally:
            connection.close()
    except EngineUnreachable:
        raise  # then nothing is known of the application
    except TameError as error:
        return error.what
    except (OSError, http.client.HTTPException) as error:
        scene.host.run("true")  # raises where it is the machine between that does not answer
        return f"nothing ({type(error).__name__})"


def _is_broken(seen: int | str) -> bool:
    return isinstance(seen, str) or seen >= HTTPStatus.INTERNAL_SERVER_ERROR


def _said(seen: int | str) -> str:
    return seen if isinstance(seen, str) else f"HTTP {seen}"


CHECKS = (
    Check("answers", "every user interface answers", _answers),
    Check("versions", "each application says that it is the pinned version", _versions),
)
