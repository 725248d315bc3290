"""What Docker Compose itself makes of the same files."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bench.composer import Composer, installed
from tame_components.domain.container import Container
from tests.compose.stacks import FIXTURES, containers


STACKS = (
    *("anchors.yml", "build.yml", "documents.yml", "exempt.yml", "network.yml", "ports.yml"),
    *("profiles.yml", "resources.yml", "share.yml", "volumes.yml"),
    *("env/docker-compose.yml", "extends/docker-compose.yml", "import/docker-compose.yml"),
    *("include/docker-compose.yml", "override/docker-compose.yml"),
)


@pytest.fixture(scope="module")
def composer() -> Composer:
    """A `docker compose` that is here already."""
    found = installed()
    if found is None or not found.waits:
        pytest.skip("no `docker compose` 2: `python -m bench` builds one, where Go is")
    return found


def read(composer: Composer, file: Path) -> dict[str, dict[str, Any]]:
    """The services of *file* as Compose resolves them; needs no engine."""
    words = ["--profile", "*", "config", "--format", "json", "--no-path-resolution"]
    shell = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [*composer.command, *words],
        cwd=file.parent,
        env={**shell, "COMPOSE_FILE": _files(file)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)["services"]
    return found


def _files(file: Path) -> str:
    """Compose takes the override file by itself only where it is not told which files."""
    beside = file.with_name("docker-compose.override.yml")
    extra = [beside.name] if file.name == "docker-compose.yml" and beside.exists() else []
    return ":".join([file.name, *extra])


@pytest.mark.parametrize("name", STACKS)
def test_the_same_stack_is_seen(composer: Composer, name: str) -> None:
    """Images, variables, ports, mounts, networks, rights and health are what Compose says."""
    theirs = read(composer, FIXTURES / name)
    ours = containers(name)

    assert set(ours) == set(theirs)
    for service, wanted in theirs.items():
        found = ours[service]
        assert _ours(found) == _theirs(wanted), service


def _ours(one: Container) -> dict[str, Any]:
    return {
        "image": one.image,
        "environment": {k: v for k, v in one.environment.items() if "${FROM" not in v},
        "ports": sorted((p.address, str(p.host), p.container, p.protocol) for p in one.ports),
        "mounts": sorted((m.kind, m.target, m.read_only) for m in one.mounts),
        "binds": sorted(_tidy(m.source) for m in one.mounts if m.kind == "bind"),
        "labels": one.labels,
        "networks": sorted(attachment.network for attachment in one.attachments),
        "shares": bool(one.shares),
        "command": list(one.command),
        "test": list(one.probe.test) if one.probe and one.probe.test else [],
        "rights": (sorted(one.capabilities), one.privileged, one.read_only, list(one.groups)),
        "security": list(one.security_options),
        "user": one.user,
        "sysctls": one.sysctls,
        "memory": one.memory_mb,
    }


def _theirs(one: dict[str, Any]) -> dict[str, Any]:
    mode = one.get("network_mode") or ""
    limits = one.get("deploy", {}).get("resources", {}).get("limits", {})
    memory = one.get("mem_limit") or limits.get("memory")
    health = one.get("healthcheck", {})
    mounts = [v for v in one.get("volumes", []) if v["type"] in {"bind", "volume"}]
    said = one.get("environment") or {}
    ports = [*one.get("ports", [])]
    return {
        "image": one.get("image", ""),
        "environment": {k: _plain(v) for k, v in said.items() if v is not None},
        "ports": sorted(_port(p) for p in ports if _first(p, ports)),
        "mounts": sorted((v["type"], v["target"], bool(v.get("read_only"))) for v in mounts),
        "binds": sorted(_tidy(v["source"]) for v in mounts if v["type"] == "bind"),
        "labels": {k: _plain(v) for k, v in (one.get("labels") or {}).items()},
        "networks": sorted(one.get("networks") or {}),
        "shares": mode.startswith(("service:", "container:")),
        "command": [_plain(word) for word in one.get("command") or []],
        "test": [] if health.get("disable") else [_plain(w) for w in health.get("test") or []],
        "rights": (
            sorted(one.get("cap_add") or []),
            bool(one.get("privileged")),
            bool(one.get("read_only")),
            list(one.get("group_add") or []),
        ),
        "security": list(one.get("security_opt") or []),
        "user": one.get("user", ""),
        "sysctls": {k: str(v) for k, v in (one.get("sysctls") or {}).items()},
        "memory": round(int(memory) / 1_048_576) if memory else None,
    }


def _plain(text: Any) -> str:
    return str(text).replace("$$", "$")


def _tidy(path: str) -> str:
    home = os.environ.get("HOME", "/")
    return os.path.normpath(path.replace(f"{home}/", "~/") if path.startswith(home) else path)


def _first(port: dict[str, Any], ports: list[dict[str, Any]]) -> bool:
    """Compose writes a range out; here it is its first port."""
    before = {(p.get("published"), p["target"]) for p in ports}
    published = str(port.get("published", ""))
    return not (published.isdecimal() and (str(int(published) - 1), port["target"] - 1) in before)


def _port(port: dict[str, Any]) -> tuple[str, str, int, str]:
    published = str(port.get("published") or port["target"])
    return port.get("host_ip", ""), published, port["target"], port["protocol"]
