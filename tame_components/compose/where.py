"""The line of a file that a violation is about."""

import re
from collections.abc import Iterator

from tame_components.compose.nodes import Node, Place
from tame_components.compose.services import Read
from tame_components.rules import Rule


KEYS: dict[str, tuple[str, ...]] = {
    "attachments": ("networks",),
    "capabilities": ("cap_add",),
    "command": ("command",),
    "devices": ("devices",),
    "environment": ("environment", "env_file"),
    "extra_hosts": ("extra_hosts",),
    "groups": ("group_add",),
    "gpus": ("deploy", "gpus"),
    "image": ("image", "build"),
    "ipc_mode": ("ipc",),
    "labels": ("labels",),
    "log_options": ("logging",),
    "memory_mb": ("mem_limit", "deploy"),
    "mounts": ("volumes",),
    "network_mode": ("network_mode",),
    "pid_mode": ("pid",),
    "ports": ("ports",),
    "privileged": ("privileged",),
    "probe": ("healthcheck",),
    "read_only": ("read_only",),
    "restart": ("restart",),
    "runtime": ("runtime",),
    "secret_variables": ("environment",),
    "security_options": ("security_opt",),
    "shares": ("network_mode",),
    "shm_mb": ("shm_size",),
    "stop_grace": ("stop_grace_period",),
    "sysctls": ("sysctls",),
    "tmpfs": ("tmpfs",),
    "user": ("user",),
}
"""Field of a container -> the keys of a service that decide it."""

_LEAST = ("image", "environment")
"""Fields that many rules read only to know the application."""

_QUOTED = re.compile(r"`([^`]+)`")
_PORT = re.compile(r"\bport (\d+)")


def place_of(read: Read, rule: Rule, message: str) -> Place:
    """The line that *message* of *rule* is about: the entry, else the key, else the service."""
    if entry := entry_of(read, rule, message):
        return entry.place
    there = {key: node for key in _keys(rule) if (node := read.node.get(key))}
    named = [node for key, node in there.items() if key in message]
    telling = [node for key, node in there.items() if key not in {"image", "environment"}]
    for chosen in (named, telling, list(there.values()) if len(rule.reads) == 1 else []):
        if len(chosen) == 1:
            return chosen[0].place
    return read.node.place


def entry_of(read: Read, rule: Rule, message: str) -> Node | None:
    """The entry of a key that *message* names, with the variables that stand in it."""
    tokens = _tokens(message)
    for key in _keys(rule):
        node = read.node.get(key)
        for entry, text in _entries(node) if node else ():
            if any(token in text for token in tokens):
                return entry
    return None


def _keys(rule: Rule) -> list[str]:
    fields = sorted(rule.reads, key=lambda field: (field in _LEAST, field))
    return [key for field in fields for key in KEYS.get(field, ())]


def _tokens(message: str) -> list[str]:
    return [*_QUOTED.findall(message), *_PORT.findall(message)]


def _entries(node: Node) -> Iterator[tuple[Node, str]]:
    if isinstance(node.value, list):
        yield from ((one, _flat(one)) for one in node.value)
    elif isinstance(node.value, dict):
        yield from ((one, f"{key}={_flat(one)}") for key, one in node.value.items())
    else:
        yield node, _flat(node)


def _flat(node: Node) -> str:
    if isinstance(node.value, list):
        return " ".join(_flat(one) for one in node.value)
    if isinstance(node.value, dict):
        return " ".join(f"{key}={_flat(one)}" for key, one in node.value.items())
    return node.text
