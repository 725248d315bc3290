"""Traefik's configuration: which name leads where, and behind which login.

Forms: doc.traefik.io/traefik/v3.0, `reference/static-configuration/file` and
`reference/dynamic-configuration/file`; the login as in authelia.com/integration/proxies/traefik.
"""

from collections.abc import Iterator
from typing import Any

from tame_components.domain.app_traits import ConfigFile
from tame_components.domain.publishing import LOGIN, PublicHost, public_hosts
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated.yaml_text import yaml_text


STATIC = "/etc/traefik/traefik.yml"
DYNAMIC = "/etc/traefik/dynamic/tame.yml"
_SOURCE = "https://doc.traefik.io/traefik/reference/static-configuration/file/"


def traefik_files(topology: Topology, service: Service) -> Iterator[ConfigFile]:
    """What is fixed for the life of the process, and the routes."""
    yield ConfigFile(path=STATIC, content=yaml_text(_STATIC), source=_SOURCE)
    yield ConfigFile(path=DYNAMIC, content=yaml_text(_routes(topology, service)), source=_SOURCE)


_STATIC: dict[str, Any] = {
    "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
    # `traefik` is the name that its own API takes (pkg/config/static, static_config.go).
    "entryPoints": {"web": {"address": ":80"}, "traefik": {"address": ":8080"}},
    "providers": {"file": {"filename": DYNAMIC, "watch": False}},
    # The probe, the version and Prometheus, on a port that nothing publishes.
    "ping": {"entryPoint": "traefik"},
    "api": {"insecure": True, "dashboard": False},
    "metrics": {"prometheus": {"entryPoint": "traefik"}},
}


def _routes(topology: Topology, service: Service) -> dict[str, Any]:
    hosts = public_hosts(topology)
    logins = topology.offering(LOGIN)
    http: dict[str, Any] = {
        "routers": {one.service: _router(one) for one in hosts},
        "services": {
            one.service: {
                "loadBalancer": {"servers": [{"url": topology.url(service.name, one.service)}]}
            }
            for one in hosts
        },
    }
    if any(one.guarded for one in hosts) and logins:
        http["middlewares"] = {LOGIN: {"forwardAuth": _login(topology, service, logins[0])}}
    return {"http": http} if hosts else {}


def _router(one: PublicHost) -> dict[str, Any]:
    router: dict[str, Any] = {
        "rule": f"Host(`{one.hostname}`)",
        "entryPoints": ["web"],
        "service": one.service,
    }
    return router | ({"middlewares": [LOGIN]} if one.guarded else {})


def _login(topology: Topology, service: Service, login: Service) -> dict[str, Any]:
    return {
        "address": f"{topology.url(service.name, login.name)}/api/authz/forward-auth",
        "trustForwardHeader": True,
        "authResponseHeaders": ["Remote-User", "Remote-Groups", "Remote-Email", "Remote-Name"],
    }
