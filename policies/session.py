"""What one run of the engine says to the pack: the stack, its settings, its resources so far."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tame_components.rules import Backup, Scope


if TYPE_CHECKING:
    from pulumi_policy import PolicyResource, ResourceValidationArgs

    from tame_components.domain.container import Container
    from tame_components.domain.settings import Exemption

CONTAINER = "docker:index/container:Container"


@dataclass(slots=True)
class Session:
    """The knowledge of one preview or update; a fresh process serves each."""

    preview: bool = True
    """Whether values may be unknown. An update knows them all, so it fails closed."""
    environment: str = "prod"
    """From the stack's `tame:environment`. Default: the strictest."""
    rehearsal: bool = False
    data_root: str | None = None
    network_mounts: tuple[str, ...] = ()
    other_data_roots: tuple[str, ...] = ()
    machine_addresses: frozenset[str] = frozenset()
    machines: dict[str, str] = field(default_factory=dict)
    """Service -> the host of the stack's `hosts` that it runs on, where it names one."""
    backs_up: bool = False
    """Whether the stack's settings have a backup job, which is every service's."""
    exemptions: "tuple[Exemption, ...]" = ()
    unreadable: tuple[str, ...] = ()
    """What is wrong with entries that are no exemptions."""
    containers: "dict[str, Container]" = field(default_factory=dict)
    """By URN, from their inputs: outputs of a preview are unknown where inputs are not."""
    images: "dict[str, Container]" = field(default_factory=dict)
    """By URN, images that the program names by themselves."""
    networks: dict[str, bool] = field(default_factory=dict)
    ipv6: set[str] = field(default_factory=set)
    follows: dict[str, frozenset[str]] | None = None
    """Container -> those that its properties come from; None before the end."""
    volumes: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    reported: set[tuple[str, str, str]] = field(default_factory=set)
    """(rule, URN, message) of what was said already, so that it is said once."""
    settled: "dict[str, Container] | None" = None
    _scopes: dict[bool, Scope] = field(default_factory=dict)
    """What the rules may see now, by whether it is everything; made anew when more is known."""
    stack: str = "stack"
    settings: dict[str, str] = field(default_factory=dict)
    """The stack's `tame:` keys as text, secrets left out."""
    proof: str | None = None
    """What the program read of its sandbox's evidence, and exports."""

    def configure(self, config: Mapping[str, str], *, preview: bool) -> None:
        """Begin a run with the stack's own configuration, as the engine hands it over."""
        for known in (self.containers, self.images, self.networks, self.volumes):
            known.clear()
        self.reported.clear()
        self.ipv6.clear()
        self._scopes.clear()
        self.settled, self.follows, self.data_root, self.network_mounts = None, None, None, ()
        self.preview = preview
        self.settings = {key: text for key, text in config.items() if _is_plain(key)}
        self.proof = None
        self.environment = config.get("tame:environment", "prod")
        self.rehearsal = config.get("tame:rehearsal", "").lower() == "true"
        data = _parsed(config.get("tame:data"))
        if isinstance(data, dict):
            root, mounts = data.get("root"), data.get("network_mounts")
            self.data_root = root if isinstance(root, str) else None
            self.network_mounts = tuple(mounts) if isinstance(mounts, list) else ()
        self.backs_up = isinstance(_parsed(config.get("tame:backup")), dict)
        self.other_data_roots = tuple(_field(config.get("tame:hosts"), "data_root").values())
        exposure = _parsed(config.get("tame:exposure"))
        shared = exposure.get("machines_address") if isinstance(exposure, dict) else None
        others = _field(config.get("tame:hosts"), "address").values()
        self.machine_addresses = frozenset(one for one in (shared, *others) if one)
        self.machines = _field(config.get("tame:services"), "host")
        self.exemptions, self.unreadable = _exemptions(_parsed(config.get("tame:exemptions")))

    def scope(self, *, complete: bool = False) -> Scope:
        """What the rules may see, so far or at the end; each of 40 rules asks for it."""
        if complete not in self._scopes:
            self._scopes[complete] = self._scope(complete=complete)
        return self._scopes[complete]

    def _scope(self, *, complete: bool) -> Scope:
        known = self.settled if complete and self.settled is not None else self.containers
        return Scope(
            environment=self.environment,
            rehearsal=self.rehearsal,
            data_root=self.data_root,
            network_mounts=self.network_mounts,
            other_data_roots=self.other_data_roots,
            machine_addresses=self.machine_addresses,
            containers=tuple(known.values()),
            networks=dict(self.networks),
            ipv6_networks=frozenset(self.ipv6),
            follows=self.follows if complete else None,
            backups=self._backups(known.values()),
            complete=complete,
            exemptions=self.exemptions,
            unreadable_exemptions=self.unreadable,
            today=dt.datetime.now(tz=dt.UTC).date().isoformat(),
        )

    def add(self, urn: str, container: "Container") -> None:
        """Remember the container behind *urn*."""
        if host := self.machines.get(container.service):
            container = container.model_copy(update={"host": host})
        self.containers[urn] = self._with_volumes(container)
        self._scopes.clear()

    def add_network(self, name: str, internal: bool, ipv6: bool) -> None:  # noqa: FBT001 - a fact
        """Remember a network of the stack."""
        self._scopes.clear()
        self.networks[name] = internal
        if ipv6:
            self.ipv6.add(name)

    def _backups(self, containers: "Iterable[Container]") -> "dict[str, Backup] | None":
        """The settings' job is that of every service here; else the containers themselves tell."""
        if not self.backs_up:
            return None
        here = (one.service for one in containers if one.service and not one.host)
        return dict.fromkeys(here, Backup.STOPPED)

    def container(self, resource: "ResourceValidationArgs | PolicyResource") -> "Container":
        """The container behind *resource*; one that was never offered is read from its outputs."""
        if resource.urn not in self.containers:
            from policies import facts  # noqa: PLC0415 - rare: an update of other targets only

            self.add(resource.urn, facts.container_of(resource.props, resource.name))
        return self.containers[resource.urn]

    def said_of_image(self, rule: str, urn: str, message: str) -> bool:
        """Whether *rule* said the same already of the image resource that the container uses."""
        return urn not in self.images and any(
            (rule, image, message) in self.reported for image in self.images
        )

    def settle(self, resources: "list[PolicyResource]") -> "dict[str, Container]":
        """All containers of the stack, with what their dependencies reveal."""
        if self.settled is None:
            self._scopes.clear()
            self.settled = {
                resource.urn: self._with_volumes(self._with_dependencies(resource))
                for resource in resources
                if resource.resource_type == CONTAINER
            }
            self.follows = {
                self.settled[resource.urn].name: frozenset(self._owners(resource))
                for resource in resources
                if resource.urn in self.settled
            }
        return self.settled

    def _owners(self, resource: "PolicyResource") -> Iterator[str]:
        """The containers that a property of *resource* comes from: it is replaced with them."""
        for owners in resource.property_dependencies.values():
            for owner in owners:
                if owner.urn in self.containers:
                    yield self.containers[owner.urn].name

    def _with_volumes(self, container: "Container") -> "Container":
        """*container* with the drivers of its volumes, where those are resources of the stack."""
        if not any(mount.source in self.volumes for mount in container.mounts):
            return container
        mounts = []
        for mount in container.mounts:
            driver, options = self.volumes.get(mount.source, (mount.driver, mount.options))
            known = {"driver": driver, "options": options} if mount.kind == "volume" else {}
            mounts.append(mount.model_copy(update=known))
        return container.model_copy(update={"mounts": tuple(mounts)})

    def _with_dependencies(self, resource: "PolicyResource") -> "Container":
        """An unknown image or namespace is that of the resource which the property comes from."""
        container = self.container(resource)
        came_from, unknown = resource.property_dependencies, set(container.unknown)
        update: dict[str, Any] = {}
        owners = [self.containers.get(other.urn) for other in came_from.get("networkMode", ())]
        for owner in filter(None, owners):
            if "network_mode" in unknown or container.network_mode.startswith("container:"):
                update["shares"] = owner.service or owner.name
                unknown.discard("network_mode")
        images = [self.images.get(other.urn) for other in came_from.get("image", ())]
        for image in filter(None, images):
            known = "image" not in image.unknown
            if known and ("image" in unknown or container.image.startswith("sha256:")):
                update["image"] = image.image
                unknown.discard("image")
        update["unknown"] = frozenset(unknown)
        return container.model_copy(update=update)


def _is_plain(key: str) -> bool:
    return key.startswith("tame:") and key not in {"tame:root_secret", "tame:secrets"}


def _parsed(text: str | None) -> object:
    """The structure in *text*; None where it is none: the program's own settings complain."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _field(text: str | None, key: str) -> dict[str, str]:
    """What the entries of the map in *text* say under *key*, where they say it."""
    found = _parsed(text)
    entries = found.items() if isinstance(found, dict) else ()
    return {
        name: entry[key]
        for name, entry in entries
        if isinstance(entry, dict) and isinstance(entry.get(key), str)
    }


def _exemptions(entries: object) -> "tuple[tuple[Exemption, ...], tuple[str, ...]]":
    """The exemptions that are well-formed, and what is wrong with the others, which allow nothing.

    The program's own settings refuse those too; a program without them has only this pack.
    """
    if entries is None or entries == []:
        return (), ()
    if not isinstance(entries, list):
        return (), ("`tame:exemptions` is not a list",)
    from pydantic import ValidationError  # noqa: PLC0415 - only a stack with exemptions pays

    from tame_components.domain.settings import Exemption  # noqa: PLC0415 - same

    found, wrong = [], []
    for number, entry in enumerate(entries, 1):
        try:
            found.append(Exemption.model_validate(entry))
        except ValidationError as error:
            keys = {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]} or {"it"}
            wrong.append(f"entry {number}, " + ", ".join(f"`{key}`" for key in sorted(keys)))
    return tuple(found), tuple(wrong)
