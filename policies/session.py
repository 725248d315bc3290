"""What one run of the engine says to the pack: the stack, its settings, its resources so far."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tame_components.rules import Scope


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
    exemptions: "tuple[Exemption, ...]" = ()
    containers: "dict[str, Container]" = field(default_factory=dict)
    """By URN, from their inputs: outputs of a preview are unknown where inputs are not."""
    images: "dict[str, Container]" = field(default_factory=dict)
    """By URN, images that the program names by themselves."""
    networks: dict[str, bool] = field(default_factory=dict)
    volumes: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    reported: set[tuple[str, str, str]] = field(default_factory=set)
    """(rule, URN, message) of what was said already, so that it is said once."""
    settled: "dict[str, Container] | None" = None

    def configure(self, config: Mapping[str, str], *, preview: bool) -> None:
        """Begin a run with the stack's own configuration, as the engine hands it over."""
        for known in (self.containers, self.images, self.networks, self.volumes, self.reported):
            known.clear()
        self.settled, self.data_root, self.network_mounts = None, None, ()
        self.preview = preview
        self.environment = config.get("tame:environment", "prod")
        self.rehearsal = config.get("tame:rehearsal", "").lower() == "true"
        data = _parsed(config.get("tame:data"))
        if isinstance(data, dict):
            root, mounts = data.get("root"), data.get("network_mounts")
            self.data_root = root if isinstance(root, str) else None
            self.network_mounts = tuple(mounts) if isinstance(mounts, list) else ()
        self.exemptions = _exemptions(_parsed(config.get("tame:exemptions")))

    def scope(self, *, complete: bool = False) -> Scope:
        """What the rules may see, so far or at the end."""
        known = self.settled if complete and self.settled is not None else self.containers
        return Scope(
            environment=self.environment,
            rehearsal=self.rehearsal,
            data_root=self.data_root,
            network_mounts=self.network_mounts,
            containers=tuple(known.values()),
            networks=dict(self.networks),
            complete=complete,
            exemptions=self.exemptions,
            today=dt.datetime.now(tz=dt.UTC).date().isoformat(),
        )

    def add(self, urn: str, container: "Container") -> None:
        """Remember the container behind *urn*."""
        self.containers[urn] = self._with_volumes(container)

    def container(self, resource: "ResourceValidationArgs | PolicyResource") -> "Container":
        """The container behind *resource*; one that was never offered is read from its outputs."""
        if resource.urn not in self.containers:
            from policies import facts  # noqa: PLC0415 - rare: an update of other targets only

            self.add(resource.urn, facts.container_of(resource.props, resource.name))
        return self.containers[resource.urn]

    def settle(self, resources: "list[PolicyResource]") -> "dict[str, Container]":
        """All containers of the stack, with what their dependencies reveal."""
        if self.settled is None:
            self.settled = {
                resource.urn: self._with_volumes(self._with_dependencies(resource))
                for resource in resources
                if resource.resource_type == CONTAINER
            }
        return self.settled

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


def _parsed(text: str | None) -> object:
    """The structure in *text*; None where it is none: the program's own settings complain."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _exemptions(entries: object) -> "tuple[Exemption, ...]":
    """The exemptions that are well-formed; a malformed one allows nothing."""
    if not isinstance(entries, list) or not entries:
        return ()
    from pydantic import ValidationError  # noqa: PLC0415 - only a stack with exemptions pays

    from tame_components.domain.settings import Exemption  # noqa: PLC0415 - same

    found = []
    for entry in entries:
        try:
            found.append(Exemption.model_validate(entry))
        except ValidationError:
            continue
    return tuple(found)
