"""Alloy's configuration: which containers' logs it ships, and where to.

Form: https://grafana.com/docs/alloy/v1.18/monitor/monitor-docker-containers, and the references of
`discovery.docker`, `loki.source.docker` and `loki.write` there.
"""

from collections.abc import Iterator

from tame_components.domain.app_traits import ConfigFile
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated.targets import LOGS


CONFIG = "/etc/alloy/config.alloy"
_DOCKER = "docker-api"
_LABELS = ("app", "service", "stack")

_CONTAINERS = """
discovery.docker "stack" {{
  host             = "{engine}"
  refresh_interval = "15s"
  filter {{
    name   = "label"
    values = ["tame.stack={stack}"]
  }}
}}

discovery.relabel "stack" {{
  targets = []
{rules}}}

loki.source.docker "stack" {{
  host          = "{engine}"
  targets       = discovery.docker.stack.targets
  relabel_rules = discovery.relabel.stack.rules
  forward_to    = [{receivers}]
}}
"""
_RULE = """  rule {{
    source_labels = ["__meta_docker_container_label_tame_{label}"]
    target_label  = "{label}"
  }}
"""
_STORE = """
loki.write "{name}" {{
  endpoint {{
    url = "{url}/loki/api/v1/push"
  }}
}}
"""


def alloy_files(topology: Topology, service: Service) -> Iterator[ConfigFile]:
    """`config.alloy`: the logs of this stack's containers, no other stack's, to each log store."""
    wires = topology.wires_from(service.name)
    engines = [wire.url for wire in wires if wire.offer == _DOCKER]
    stores = {wire.target.replace("-", "_"): wire.url for wire in wires if wire.offer == LOGS}
    text = '// Written by TAME from the stack\'s topology.\nlogging {\n  level = "warn"\n}\n'
    if engines and stores:
        text += _CONTAINERS.format(
            engine=engines[0],
            stack=topology.stack,
            rules="".join(_RULE.format(label=label) for label in _LABELS),
            receivers=", ".join(f"loki.write.{name}.receiver" for name in stores),
        )
        text += "".join(_STORE.format(name=name, url=url) for name, url in stores.items())
    yield ConfigFile(
        path=CONFIG,
        content=text,
        source="https://grafana.com/docs/alloy/v1.18/monitor/monitor-docker-containers",
    )
