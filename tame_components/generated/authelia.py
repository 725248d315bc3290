"""Authelia's configuration: who has to log in for what.

Forms: authelia.com/configuration (4.38 and newer). Its secrets are files named by its environment;
people and their password hashes are in `/config/users.yml`, which is the operator's.
"""

from collections.abc import Iterator
from typing import Any

from tame_components.domain.app_traits import ConfigFile
from tame_components.domain.publishing import public_hosts
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated.yaml_text import yaml_text


CONFIG = "/etc/authelia/configuration.yml"
USERS = "/config/users.yml"


def authelia_files(topology: Topology, service: Service) -> Iterator[ConfigFile]:
    """`configuration.yml`."""
    yield ConfigFile(
        path=CONFIG,
        content=yaml_text(_config(topology, service)),
        source="https://www.authelia.com/configuration/prologue/introduction/",
    )


def _config(topology: Topology, service: Service) -> dict[str, Any]:
    access = topology.settings.remote_access
    domain = access.domain if access else "localhost.localdomain"
    hosts = {one.service: one for one in public_hosts(topology)}
    own = hosts[service.name].hostname if service.name in hosts else f"{service.name}.{domain}"
    guarded = [one.hostname for one in hosts.values() if one.guarded]
    return {
        "server": {"address": "tcp://:9091/"},
        "log": {"level": "info"},
        "authentication_backend": {"file": {"path": USERS}},
        "access_control": {
            "default_policy": "deny",
            "rules": [{"domain": guarded, "policy": "two_factor"}] if guarded else [],
        },
        "session": {"cookies": [{"domain": domain, "authelia_url": f"https://{own}"}]},
        "storage": {"local": {"path": "/config/db.sqlite3"}},
        "notifier": {"filesystem": {"filename": "/config/notifications.txt"}},
        "totp": {"issuer": domain},
    }
