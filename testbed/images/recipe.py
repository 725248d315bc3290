"""What the image of one application is made of, from its catalog entry."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from tame_components.domain.app import App
from tame_components.domain.health import Timing
from tame_components.domain.image import ImageReference
from testbed.images.interpreter import CODE, PREFIX
from testbed.images.layer import Tree
from testbed.images.programs import INTERPRETERS, REAL, applets
from testbed.images.services import SERVICES, WAY_IN, fill_service


_INIT: Final = ("linuxserver", "hotio")
"""Families whose images start with an init as root."""
_LSIOBASE: Final = ("tdarr", "tdarr-node")
"""Vendors that build on linuxserver's base, and so have its init."""
_ENTRY: Final = {
    "backrest": "backrest",
    "dozzle": "dozzle",
    "socket-proxy": "socket-proxy",
    "restart-proxy": "socket-proxy",
    "notifiarr": "usr/bin/notifiarr",
    "cloudflared": "usr/local/bin/cloudflared",
    "loki": "usr/bin/loki",
    "traefik": "traefik",
}
"""Where the program lies that the real image starts; others start the stand-in's own."""
_PROBES: Final = {
    "exportarr": "tini",
    "fail2ban": "usr/bin/fail2ban-client",
    "pulsarr": f"{PREFIX}/bin/health",
    "socket-proxy": "healthcheck",
    "restart-proxy": "healthcheck",
    "tame-agent": "usr/bin/tame",
    "uptime-kuma": "app/extra/healthcheck",
}
"""Health programs of images whose other programs cannot ask."""
_ASKED: Final = {
    "cloudflared": "ready",
    "dozzle": "healthcheck",
    "loki": "-health",
    "traefik": "healthcheck",
}
"""The argument with which the service's own program judges its health."""
_VOLUMES: Final = {"uptime-kuma": ("/app/data",)}
_WORKDIR: Final = {"uptime-kuma": "/app"}
_HEALTHCHECK: Final = {
    "pulsarr": ("CMD", f"/{PREFIX}/bin/health"),
    "uptime-kuma": ("CMD", "extra/healthcheck"),
}
"""The command of an image that brings its own health check; the times are in the catalog."""
_ENVIRONMENT: Final = {
    "exportarr": ("PORT=9707",),
    "qbittorrent": ("HOME=/config", "XDG_CONFIG_HOME=/config", "XDG_DATA_HOME=/config"),
    "overseerr": ("HOME=/config",),
    "tdarr": ("PUID=1000", "PGID=1000", "UMASK=002"),
    "tdarr-node": ("PUID=1000", "PGID=1000", "UMASK=002"),
}
_PATH: Final = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_VERSION: Final = re.compile(r"\d+(?:\.\d+)+(?:-[0-9a-f]{9}\b)?")
_SECOND: Final = 1_000_000_000
_START: Final = """#!/{prefix}/bin/python3 -IS
import sys

sys.path.insert(0, "/{code}")
{lines}
"""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One image to be: its name, what makes it up, and a hash that changes with any of it."""

    app: App
    tag: str
    fault: str

    @property
    def name(self) -> str:
        """`tame.invalid/<app>:<tag>`."""
        return str(ImageReference(repository=f"tame.invalid/{self.app.name}", tag=self.tag))

    @property
    def has_init(self) -> bool:
        """Whether the container starts as root with an init."""
        return self.app.image.family.value in _INIT or self.app.name in _LSIOBASE

    @property
    def drops(self) -> bool:
        """Whether the container starts as root and then becomes the wanted user, without init."""
        return self.app.identity.by == "puid-pgid" and not self.has_init

    @property
    def programs(self) -> tuple[str, ...]:
        """Programs of this machine that go in: each is a layer of its own."""
        service = SERVICES.get(self.app.name)
        own = (service.program,) if service else ()
        return ("busybox",) * bool(self.applets) + self.real + own

    @property
    def real(self) -> tuple[str, ...]:
        """Programs that are the real ones."""
        return tuple(name for name in REAL if name in self.app.programs.names)

    @property
    def applets(self) -> tuple[str, ...]:
        """Programs that busybox plays."""
        others = set(self.app.programs.names) - set(REAL) - set(INTERPRETERS)
        return tuple(sorted((others & applets()) - self._own_programs()))

    @property
    def missing(self) -> tuple[str, ...]:
        """Programs of the real image that this one lacks; said in a label."""
        there = {*self.real, *self.applets, *INTERPRETERS, *self._own_programs()}
        return tuple(sorted(set(self.app.programs.names) - there))

    def _own_programs(self) -> set[str]:
        services = ((name, service.path) for name, service in SERVICES.items())
        paths = (*_ENTRY.items(), *_PROBES.items(), *services)
        return {path.rpartition("/")[2] for name, path in paths if name == self.app.name}

    def facts(self) -> dict[str, Any]:
        """What the stand-in is told: see testbed/apps/place.py."""
        app = self.app
        port = app.port() or next(iter(app.ports), None)
        return {
            "app": app.name,
            "version": version_of(self.tag),
            "state": app.state.directory if app.state else "/tmp",  # noqa: S108 - nothing is kept
            "port": port.number if port else 0,
            "databases": [{"path": one.path, "tables": list(one.tables)} for one in app.databases],
            "fault": self.fault,
        }

    def fill(self, tree: Tree) -> None:
        """The layer that only this image has: facts, ways in, names of programs."""
        told = json.dumps(self.facts(), indent=1) + "\n"
        tree.file(f"{PREFIX}/release.json", told.encode())
        tree.file(self._entry(), self._start().encode(), mode=0o755)
        if self.app.name in _PROBES:
            function = self.app.name.replace("-", "_")
            lines = f"from testbed.apps.probe import {function}\nsys.exit({function}(sys.argv[1:]))"
            start = _START.format(prefix=PREFIX, code=CODE, lines=lines)
            tree.file(_PROBES[self.app.name], start.encode(), mode=0o755)
        for applet in self.applets:
            tree.link(f"usr/bin/{applet}", f"/{PREFIX}/bin/busybox")
        for name in INTERPRETERS:
            if name in self.app.programs.names:
                tree.link(f"usr/bin/{name}", f"/{PREFIX}/bin/python3")
        fill_service(tree, self.app.name)
        if self.has_init:
            for folder in ("app", "config", "defaults"):
                tree.folder(folder, owner=911)
        if self.app.state and not (self.has_init and self.app.state.directory == "/config"):
            tree.folder(self.app.state.directory.lstrip("/"), owner=self.app.identity.uid or 0)

    def config(self, digests: list[str], mark: str) -> dict[str, Any]:
        """The image's configuration as Docker keeps it.

        Args:
            digests: Of the layers, from the base up.
            mark: What the label `tame.stand-in.hash` says.
        """
        settings: dict[str, Any] = {
            "Env": [_PATH, *_ENVIRONMENT.get(self.app.name, ())],
            "Entrypoint": [f"/{self._entry()}"],
            "Labels": {
                "tame.stand-in": self.app.name,
                "tame.fidelity": self.app.fidelity,
                "tame.stand-in.hash": mark,
                "tame.stand-in.fault": self.fault,
                "tame.stand-in.missing": " ".join(self.missing),
            },
            "ExposedPorts": {f"{one.number}/{one.protocol}": {} for one in self.app.ports},
            "User": self._user(),
            "WorkingDir": _WORKDIR.get(self.app.name, "/"),
        }
        if self.app.name in SERVICES and self.app.command:
            settings["Cmd"] = [part for part in self.app.command if "{" not in part]
        volumes = (
            ("/config",)
            if self.app.image.family.value in _INIT
            else _VOLUMES.get(self.app.name, ())
        )
        if volumes:
            settings["Volumes"] = {path: {} for path in volumes}
        probe = self.app.probe
        if probe and probe.from_image and self.app.name in _HEALTHCHECK:
            settings["Healthcheck"] = self._healthcheck(probe.timing)
        return {
            "created": f"{self.app.image.seen}T00:00:00Z",
            "architecture": machine(),
            "os": "linux",
            "config": settings,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{one}" for one in digests]},
        }

    def mark(self, inputs: str) -> str:
        """A hash of everything that goes in; *inputs* stands for what all images share."""
        own = json.dumps([self.facts(), self.config([], ""), self.applets, self.real])
        return hashlib.sha256(f"{own}\n{inputs}".encode()).hexdigest()[:16]

    def _entry(self) -> str:
        if self.has_init:
            return "init"
        return _ENTRY.get(self.app.name, f"{PREFIX}/bin/serve")

    def _start(self) -> str:
        serve = (
            "from testbed.apps.__main__ import main\n"
            f'sys.exit(main(["/{PREFIX}/release.json", *sys.argv[1:]]))'
        )
        lines = serve
        if self.has_init:
            lines = f'from testbed.apps.init import main\nsys.exit(main("{self.app.name}"))'
        elif self.drops and self.app.state:
            become = "from testbed.apps.drop import become\n"
            lines = f'{become}become("{self.app.state.directory}")\n{serve}'
        elif self.app.name in SERVICES:
            lines = WAY_IN.format(app=self.app.name, path=SERVICES[self.app.name].path)
        elif self.app.name in _ASKED:
            function = self.app.name.replace("-", "_")
            lines = (
                f'if "{_ASKED[self.app.name]}" in sys.argv[1:]:\n'
                f"    from testbed.apps.probe import {function}\n"
                f"    sys.exit({function}(sys.argv[1:]))\n" + serve
            )
        return _START.format(prefix=PREFIX, code=CODE, lines=lines)

    def _user(self) -> str:
        uid = self.app.identity.uid
        return f"{uid}:{uid}" if uid and not self.has_init else ""

    def _healthcheck(self, timing: Timing) -> dict[str, Any]:
        return {
            "Test": list(_HEALTHCHECK[self.app.name]),
            "Interval": timing.interval * _SECOND,
            "Timeout": timing.timeout * _SECOND,
            "StartPeriod": timing.start_period * _SECOND,
            "Retries": timing.retries,
        }


def version_of(tag: str) -> str:
    """The application's version in an image tag, e.g. `6.2.1.10461` of `6.2.1.10461-ls308`."""
    match = _VERSION.search(tag)
    return match[0] if match else tag


def machine() -> str:
    """This machine's architecture in Docker's words."""
    import platform  # noqa: PLC0415 - slow to import, needed once

    known = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm"}
    return known.get(platform.machine(), platform.machine())
