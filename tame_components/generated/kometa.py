"""Kometa's configuration: the Plex whose libraries it looks after, and whom it asks meanwhile.

Forms: Kometa-Team/Kometa, config/config.yml.template and json-schema/config-schema.json at v2.4.4;
`<<name>>` and `ENV`: docs/kometa/environmental.md and modules/config.py there. Kometa keeps logs
and caches beside this file, so it lies in its state, under a name of its own: a person's
`config.yml` is never touched.
"""

from collections.abc import Iterator
from typing import Any

from tame_components.domain.app_traits import ConfigFile
from tame_components.domain.holding import secrets_of
from tame_components.domain.paths import DATA
from tame_components.domain.pipeline import LibrarySettings
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.domain.wire import Wire
from tame_components.generated.yaml_text import yaml_text


CONFIG = "/config/tame.yml"
_PREFIX = "KOMETA_"
_FILERS = {"movies": ("radarr", "movies"), "series": ("sonarr", "tv")}
"""What a service offers -> its section, and the kind of library that it files into."""


def kometa_files(topology: Topology, service: Service) -> Iterator[ConfigFile]:
    """`tame.yml`."""
    yield ConfigFile(
        path=CONFIG,
        content=yaml_text(_Told(topology, service).config()),
        source="https://kometa.wiki/en/latest/config/overview/",
    )


class _Told:
    """What is known of the stack, as Kometa wants it."""

    def __init__(self, topology: Topology, service: Service) -> None:
        self._libraries = topology.settings.pipeline.libraries
        self._wires: dict[str, list[Wire]] = {}
        for wire in topology.wires_from(service.name):
            self._wires.setdefault(wire.offer, []).append(wire)
        self._keys = {
            held.owner.name: _placeholder(held.secret.variable)
            for held in secrets_of(topology, service)
            if held.owner.name != service.name and held.secret.variable
        }

    def config(self) -> dict[str, Any]:
        """The sections, in the order of Kometa's own template."""
        found: dict[str, Any] = {
            "libraries": {
                name: self._library(name, one)
                for name, one in sorted(self._libraries.items())
                if one.kind in {"movies", "tv"}
            }
        }
        for wire in self._wires.get("plex", ())[:1]:
            found["plex"] = {"url": wire.url, "token": "ENV"}
        found["tmdb"] = {"apikey": _placeholder("KOMETA_TMDBKEY")}
        for wire in self._wires.get("statistics", ())[:1]:
            found["tautulli"] = {"url": wire.url, "apikey": self._keys.get(wire.target)}
        for offer, (section, _) in _FILERS.items():
            for wire in self._wires.get(offer, ())[:1]:
                found[section] = self._filer(wire)
        return found

    def _library(self, name: str, one: LibrarySettings) -> dict[str, Any]:
        told: dict[str, Any] = {
            "library_name": one.title or name,
            "collection_files": [{"default": "basic"}],
        }
        for offer, (section, kind) in _FILERS.items():
            wires = self._wires.get(offer, ())
            other = next((wire for wire in wires[1:] if wire.target == one.service), None)
            if one.kind == kind and other is not None:
                told[section] = self._filer(other)
        return told

    def _filer(self, wire: Wire) -> dict[str, Any]:
        """How to ask, and nothing that would add anything: that is a person's decision."""
        _, kind = _FILERS[wire.offer]
        folders = {
            one.service: f"{DATA}/{one.folder}"
            for _, one in sorted(self._libraries.items(), reverse=True)
            if one.kind == kind
        }
        facts = {
            "url": wire.url,
            "token": self._keys.get(wire.target),
            "add_missing": False,
            "add_existing": False,
            "root_folder_path": folders.get(wire.target, folders.get(None)),
            "quality_profile": "HD-1080p",  # both applications make it at their first start
        }
        return {name: value for name, value in facts.items() if value is not None}


def _placeholder(variable: str) -> str:
    """What Kometa puts the variable's value in the place of."""
    return f"<<{variable.removeprefix(_PREFIX).lower().replace('_', '-')}>>"
