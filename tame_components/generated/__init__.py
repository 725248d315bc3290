"""Configuration files that follow from the topology, by the application that reads them.

A generator is a pure function of the topology and the service; it never sees a secret: the file
names where the application finds it.
"""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from types import MappingProxyType

from tame_components.domain.app_traits import ConfigFile
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology


Generator = Callable[[Topology, Service], Iterable[ConfigFile]]

GENERATORS: Mapping[str, str] = MappingProxyType(
    {
        "alertmanager": "alertmanager",
        "alloy": "alloy",
        "authelia": "authelia",
        "backrest": "backrest",
        "blackbox-exporter": "blackbox",
        "borgmatic": "borgmatic",
        "grafana": "grafana",
        "homepage": "homepage",
        "kometa": "kometa",
        "loki": "loki",
        "prometheus": "prometheus",
        "recyclarr": "recyclarr",
        "traefik": "traefik",
    }
)
"""The application's name in the catalog -> the module here whose function `<module>_files` makes
its files. A module is imported when a stack has its application: most have none of them."""


def files_of(topology: Topology, service: Service) -> tuple[ConfigFile, ...]:
    """What *service* reads beside its secrets: the catalog's fixed files and generated ones.

    A generated file takes the place of a fixed one with the same path.
    """
    generate = generator_of(service.app.name)
    if generate is None:
        return service.app.files
    files = {file.path: file for file in (*service.app.files, *generate(topology, service))}
    return tuple(files.values())


def generator_of(app: str) -> Generator | None:
    """What makes the files of *app*; None where nothing is generated for it."""
    name = GENERATORS.get(app)
    if name is None:
        return None
    found: Generator = getattr(import_module(f"{__name__}.{name}"), f"{name}_files")
    return found
