"""Homepage's settings: every service by what it is for, with its state and what it is doing.

Forms: gethomepage/homepage, docs/configs/{services,settings}.md and docs/widgets at v1.12.3. The
integration with Docker stays off: it would show a web page what the engine knows.
"""

from collections.abc import Iterator
from typing import Any

from tame_components.domain.app import Kind
from tame_components.domain.app_traits import ConfigFile
from tame_components.domain.holding import secrets_of
from tame_components.domain.publishing import public_hosts
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated.targets import APP_METRICS, probe_path, reached
from tame_components.generated.yaml_text import yaml_text


CONFIG = "/app/config"
_SOURCE = "https://gethomepage.dev/configs/services"
GROUPS: dict[Kind, str] = {
    Kind.MEDIA_SERVER: "Watch",
    Kind.LIVE_TV: "Watch",
    Kind.REQUESTS: "Ask for",
    Kind.AUTOMATION: "Collect",
    Kind.DOWNLOADS: "Download",
    Kind.VPN: "Download",
    Kind.TRANSCODE: "Transcode",
    Kind.STATISTICS: "Know",
    Kind.NOTICE: "Know",
    Kind.OBSERVABILITY: "Operate",
    Kind.FILES: "Operate",
    Kind.BACKUP: "Operate",
    Kind.AGENT: "Operate",
    Kind.REMOTE_ACCESS: "Protect",
    Kind.PROTECTION: "Protect",
    Kind.SUPPORT: "Support",
}
"""The group of each kind, in the order of the page."""


def homepage_files(topology: Topology, service: Service) -> Iterator[ConfigFile]:
    """The five files that Homepage reads; what is missing it would fill with its examples."""
    contents: dict[str, Any] = {
        "services": _services(topology, service),
        "settings": _settings(topology),
        "widgets": [{"datetime": {"format": {"dateStyle": "long", "timeStyle": "short"}}}],
        "bookmarks": [],
        "docker": {},
    }
    for name, content in contents.items():
        path = f"{CONFIG}/{name}.yaml"
        yield ConfigFile(path=path, content=yaml_text(content), source=_SOURCE)


def _settings(topology: Topology) -> dict[str, Any]:
    return {
        "title": topology.stack,
        "headerStyle": "clean",
        "statusStyle": "dot",
        "hideVersion": True,
        "disableUpdateCheck": True,
        "layout": {group: {"style": "row", "columns": 4} for group in _groups(topology)},
    }


def _groups(topology: Topology) -> list[str]:
    there = {GROUPS[service.app.kind] for service in _shown(topology)}
    return [group for group in dict.fromkeys(GROUPS.values()) if group in there]


def _services(topology: Topology, page: Service) -> list[dict[str, Any]]:
    links = topology.links | {
        one.service: f"https://{one.hostname}" for one in public_hosts(topology)
    }
    keys = _keys(topology, page)
    found: dict[str, list[dict[str, Any]]] = {group: [] for group in _groups(topology)}
    for service in _shown(topology):
        if service.name == page.name:
            continue
        entry = {
            "icon": service.app.dashboard.icon if service.app.dashboard else None,
            "href": links.get(service.name),
            "description": service.app.summary,
            "siteMonitor": _monitor(topology, page, service),
            "widget": _widget(topology, page, service, keys.get(service.name)),
        }
        kept = {key: value for key, value in entry.items() if value}
        found[GROUPS[service.app.kind]].append({_title(service): kept})
    return [{group: services} for group, services in found.items() if services]


def _shown(topology: Topology) -> Iterator[Service]:
    """Everything but exporters: the service that they tell about is there itself."""
    for service in topology.services:
        if APP_METRICS not in service.app.offered:
            yield service


def _title(service: Service) -> str:
    alone = service.name == service.app.name
    return service.app.title if alone else f"{service.app.title} ({service.name})"


def _keys(topology: Topology, page: Service) -> dict[str, str]:
    """The place that Homepage fills with a service's key, by service: it reads it from a file."""
    return {
        held.owner.name: f"{{{{{held.secret.variable}}}}}"
        for held in secrets_of(topology, page)
        if held.owner.name != page.name and held.secret.variable
    }


def _monitor(topology: Topology, page: Service, service: Service) -> str | None:
    path, url = probe_path(service), reached(topology, page, service)
    return f"{url}{path}" if path and url else None


def _widget(
    topology: Topology, page: Service, service: Service, key: str | None
) -> dict[str, str] | None:
    """None where Homepage would need a key that it was not given."""
    facts, url = service.app.dashboard, reached(topology, page, service)
    if facts is None or facts.widget is None or url is None or (service.app.secrets and not key):
        return None
    widget = {"type": facts.widget, "url": url}
    return {**widget, "key": key} if key else widget
