"""Recyclarr's configuration: which Radarr and Sonarr it writes which profiles into.

Forms: recyclarr/recyclarr, schemas/config-schema.json and schemas/config at v8.7.1; `!env_var`:
src/Recyclarr.Core/Config/EnvironmentVariables there. A person's own files are includes, below
`/config/includes` (ConfigIncludeProcessor.cs): addresses and keys are never theirs to write.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from tame_components.domain.app_traits import ConfigFile
from tame_components.domain.errors import Mistake, SettingsInvalid
from tame_components.domain.holding import secrets_of
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated.yaml_text import Tagged, yaml_text


CONFIG = "/etc/recyclarr/recyclarr.yml"
_SOURCE = "https://recyclarr.dev/reference/configuration/"
_SECTIONS: Mapping[str, str] = MappingProxyType({"movies": "radarr", "series": "sonarr"})
"""What a service offers -> where it stands in the file."""
_TRASH_ID = re.compile(r"[0-9a-f]{32}")
_OWN = (".yml", ".yaml")


def recyclarr_files(topology: Topology, service: Service) -> Iterator[ConfigFile]:
    """`recyclarr.yml`.

    Raises:
        SettingsInvalid: a quality profile is for a service that Recyclarr cannot write into.
    """
    _refuse_strangers(topology)
    yield ConfigFile(path=CONFIG, content=yaml_text(_config(topology, service)), source=_SOURCE)


def _refuse_strangers(topology: Topology) -> None:
    known = {one.name for offer in _SECTIONS for one in topology.offering(offer)}
    wrong = [
        Mistake(f"pipeline.quality.{name}.service", f"`{asked.service}`", "a Radarr or Sonarr here")
        for name, asked in sorted(topology.settings.pipeline.quality.items())
        if asked.service not in known
    ]
    if wrong:
        raise SettingsInvalid(f"Pulumi.{topology.stack}.yaml", wrong)


def _config(topology: Topology, service: Service) -> dict[str, Any]:
    keys = {held.owner.name: held.secret.variable for held in secrets_of(topology, service)}
    config: dict[str, Any] = {}
    for wire in topology.wires_from(service.name):
        section, variable = _SECTIONS.get(wire.offer), keys.get(wire.target)
        if section and variable:
            config.setdefault(section, {})[wire.target] = {
                "base_url": wire.url,
                "api_key": Tagged("!env_var", variable),
                **_profiles(topology, wire.target),
            }
    return config


def _profiles(topology: Topology, instance: str) -> dict[str, Any]:
    asked = [
        one.template
        for _, one in sorted(topology.settings.pipeline.quality.items())
        if one.service == instance
    ]
    ids = [{"trash_id": one} for one in asked if _TRASH_ID.fullmatch(one)]
    includes = [
        {"config" if one.endswith(_OWN) else "template": one}
        for one in asked
        if not _TRASH_ID.fullmatch(one)
    ]
    parts = {"include": includes, "quality_profiles": ids}
    return {name: found for name, found in parts.items() if found}
