"""The blackbox exporter's modules: what counts as an answer.

Forms: prometheus/blackbox_exporter, CONFIGURATION.md at v0.28.0.
"""

from collections.abc import Iterator

from tame_components.domain.app_traits import ConfigFile
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated.yaml_text import yaml_text


CONFIG = "/etc/blackbox_exporter/config.yml"
HTTP, TCP, CERTIFICATE = "http_answers", "tcp_opens", "certificate"

_MODULES = {
    HTTP: {
        "prober": "http",
        "timeout": "10s",
        # A probe's URL needs no login where the image's own probe asks it.
        "http": {"preferred_ip_protocol": "ip4", "follow_redirects": True},
    },
    TCP: {
        "prober": "tcp",
        "timeout": "5s",
        "tcp": {"preferred_ip_protocol": "ip4"},
    },
    CERTIFICATE: {
        "prober": "tcp",
        "timeout": "10s",
        "tcp": {"preferred_ip_protocol": "ip4", "tls": True},
    },
}


def blackbox_files(topology: Topology, service: Service) -> Iterator[ConfigFile]:
    """`config.yml`, the same for every stack."""
    del topology, service
    yield ConfigFile(
        path=CONFIG,
        content=yaml_text({"modules": _MODULES}),
        source="prometheus/blackbox_exporter, CONFIGURATION.md at v0.28.0",
    )
