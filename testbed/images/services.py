"""Applications whose stand-in is the real program, as this machine's Debian packages it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from testbed.images.layer import Tree


@dataclass(frozen=True, slots=True)
class Service:
    """A real program as an image's service."""

    program: str
    """Its name on this machine."""
    path: str
    """Where the image has it."""
    ends: int = 0
    """Its exit code after SIGTERM."""
    files: Mapping[str, str] = field(default_factory=dict)
    """What the real image brings as its configuration."""
    brings: tuple[str, ...] = ()
    """Files of this machine's package that the program cannot do without."""


_UP = "scrape_configs: [{job_name: self, static_configs: [{targets: ['127.0.0.1:9090']}]}]\n"

SERVICES: Final[Mapping[str, Service]] = MappingProxyType(
    {
        "qbittorrent": Service("qbittorrent-nox", "usr/bin/qbittorrent-nox"),
        "static-server": Service("caddy", "usr/bin/caddy"),
        "prometheus": Service(
            "prometheus", "usr/bin/prometheus", files={"etc/prometheus/prometheus.yml": _UP}
        ),
        "alertmanager": Service(
            "prometheus-alertmanager",
            "usr/bin/alertmanager",
            files={
                "etc/alertmanager/alertmanager.yml": "route: {receiver: nobody}\n"
                "receivers: [{name: nobody}]\n"
            },
            brings=tuple(
                f"/usr/share/prometheus/alertmanager/{name}.tmpl" for name in ("default", "email")
            ),
        ),
        "node-exporter": Service("prometheus-node-exporter", "usr/bin/node_exporter", ends=2),
        "blackbox-exporter": Service(
            "prometheus-blackbox-exporter",
            "usr/bin/blackbox_exporter",
            files={
                "etc/blackbox_exporter/config.yml": "modules: {http_2xx: {prober: http}}\n",
            },
        ),
        "rclone": Service("rclone", "usr/local/bin/rclone"),
    }
)
"""By the application's name in the catalog."""

PLACES: Final = {one.program: one.path for one in SERVICES.values()}
"""Program of this machine -> where images have it."""

WAY_IN: Final = """from testbed.apps.real import main
sys.exit(main("{app}", "/{path}", sys.argv[1:]))"""
"""How the image of a service that needs no init starts."""


def fill_service(tree: Tree, app: str) -> None:
    """Adds what the real program of *app* needs beside itself; nothing for other applications."""
    if service := SERVICES.get(app):
        for path, text in service.files.items():
            tree.file(path, text.encode())
        for place in service.brings:
            tree.file(place.lstrip("/"), Path(place))
