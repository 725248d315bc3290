"""Loki's configuration: the catalog's, keeping logs as long as the stack wants.

Form: https://grafana.com/docs/loki/v3.7.x/operations/storage/retention.
"""

from collections.abc import Iterator

from tame_components.domain.app_traits import ConfigFile
from tame_components.domain.observability import ObservabilitySettings
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated.yaml_text import yaml_text


def loki_files(topology: Topology, service: Service) -> Iterator[ConfigFile]:
    """The catalog's file with the retention of the settings."""
    import yaml  # noqa: PLC0415 - only stacks that watch need it

    watch = topology.settings.watch
    for file in service.app.files:
        config = yaml.safe_load(file.content)
        limits = {**config.get("limits_config", {}), "retention_period": _hours(watch)}
        content = yaml_text({**config, "limits_config": limits})
        yield file.model_copy(update={"content": content})


def _hours(watch: ObservabilitySettings) -> str:
    return f"{watch.retention_days * 24}h"
