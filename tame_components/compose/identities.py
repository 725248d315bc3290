"""Who the services run as, where they think they are, and where people meet them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from tame_components.compose.carried import Notes, Settings
from tame_components.compose.services import Read
from tame_components.domain.app import App
from tame_components.domain.setting_types import is_timezone


Matched = Mapping[str, tuple[Read, App]]
"""By the name that the service gets."""

_UMASKS = {"2": "002", "02": "002", "002": "002", "0002": "002", "7": "007", "007": "007"}
_HIGHEST_ID = 65533


def _values(matched: Matched, *names: str) -> Iterable[tuple[str, str]]:
    """What the services say in one of *names*, where it is known."""
    for service, (read, _) in matched.items():
        for name in names:
            node = read.environment.get(name)
            if node is not None and node.text and not node.unknown:
                yield service, node.text
                break


def identity(matched: Matched, services: Settings, notes: Notes) -> Settings:
    """`tame:identity`; who differs from the usual user gets a `uid` of its own in *services*."""
    found: Settings = {"docker_gid": 0}
    groups = [int(text) for _, text in _values(matched, "PGID", "GID") if _is_id(text)]
    users = [(name, int(text)) for name, text in _values(matched, "PUID", "UID") if _is_id(text)]
    if groups:
        found["gid"] = Counter(groups).most_common(1)[0][0]
    if users:
        usual = Counter(uid for _, uid in users).most_common(1)[0][0]
        found["uid"] = usual
        for name, uid in users:
            if uid != usual:
                services[name]["uid"] = uid
    for name, text in _values(matched, "UMASK", "UMASK_SET"):
        if text in _UMASKS:
            found["umask"] = _UMASKS[text]
        else:
            notes.lose(name, f"UMASK={text}", "002, so that the group may write: R24")
    for name, text in _values(matched, "PUID"):
        if not _is_id(text):
            notes.lose(name, f"PUID={text}", "a user of its own: R24")
    return found


def _is_id(text: str) -> bool:
    return text.isdecimal() and 1 <= int(text) <= _HIGHEST_ID


def timezone(matched: Matched, notes: Notes) -> str:
    """What most services say."""
    zones = Counter(text for _, text in _values(matched, "TZ") if is_timezone(text))
    if zones:
        return zones.most_common(1)[0][0]
    notes.ask("tame:timezone", "no service names a zone of the tz database")
    return "Etc/UTC"


def exposure(matched: Matched) -> Settings:
    """`tame:exposure`: the address that players were published on."""
    addresses = Counter(
        port.ip
        for read, app in matched.values()
        for port in read.ports
        if app.plane.value == "user" and re.fullmatch(r"\d+\.\d+\.\d+\.\d+", port.ip)
    )
    usual = [one for one, _ in addresses.most_common() if one != "0.0.0.0"]  # noqa: S104 - refused
    return {"user_address": usual[0] if usual else "127.0.0.1"}
