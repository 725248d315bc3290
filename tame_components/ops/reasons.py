"""Why a service is set up as it is: each setting of its container, with what asks for it."""

from collections.abc import Iterator

from tame_components.domain.app_secrets import SecretEntry
from tame_components.domain.base import Frozen
from tame_components.domain.container import Container
from tame_components.domain.rendering import container_of, pointer
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.domain.vpn import gateway_environment
from tame_components.rules import RULES


class Reason(Frozen):
    """One setting, and why it has its value."""

    setting: str
    value: str
    why: str
    source: str = ""
    """Where the fact can be checked: a URL or a file of the application; empty: TAME's own."""


def reasons(topology: Topology, service: Service) -> Iterator[Reason]:
    """Every setting of the container of *service*, in an order that a person can read."""
    container = container_of(topology, service)
    yield from _identity(topology, service, container)
    yield from _reach(topology, service, container)
    yield from _mounts(service, container)
    yield from _environment(topology, service, container)
    yield from _secrets(service)
    yield from _running(topology, service, container)


def _identity(topology: Topology, service: Service, container: Container) -> Iterator[Reason]:
    pin = service.app.image
    asked = topology.settings.services[service.name].image
    why = f"`services.{service.name}.image` asks for it" if asked else f"the pin, seen {pin.seen}"
    if topology.settings.rehearsal:
        why = f"a stand-in of {service.app.fidelity} fidelity, because `tame:rehearsal` is on"
    yield Reason(
        setting="image", value=container.image, why=why, source="" if asked else pin.source
    )
    yield Reason(
        setting="runs as",
        value=f"user {service.uid}, group {topology.settings.identity.gid}",
        why=f"the image takes its user by `{service.app.identity.by}`; "
        "a user per service, one group for the data",
        source=service.app.identity.source,
    )


def _reach(topology: Topology, service: Service, container: Container) -> Iterator[Reason]:
    if service.through:
        yield Reason(
            setting="network",
            value=f"the namespace of `{service.through}`",
            why="it speaks BitTorrent to strangers: nothing may leave but through the tunnel",
        )
    for one in container.attachments:
        internal = next(n.internal for n in topology.networks if n.name == one.network)
        why = "private: only its callers are on it" if internal else "the stack's bridge"
        yield Reason(setting="network", value=one.network, why=why)
    for port in container.ports:
        yield Reason(
            setting="publishes",
            value=f"{port.address}:{port.host} -> {port.container}/{port.protocol}",
            why=f"plane `{service.plane}`; `tame:exposure` and `services.{service.name}.publish`",
        )
    if not container.ports:
        why = f"plane `{service.plane}`"
        if service.app.port():
            why += f"; `tame open {service.name}` shows its UI without a port"
        yield Reason(setting="publishes", value="nothing", why=why)
    for wire in topology.wires:
        if wire.source == service.name:
            source = next(n.source for n in service.app.needs if n.offer == wire.offer)
            value = f"{wire.target} ({wire.offer}) at {wire.url}"
            yield Reason(setting="calls", value=value, why=wire.why, source=source)
        if wire.target == service.name:
            value = f"{wire.source} ({wire.offer})"
            yield Reason(setting="is called by", value=value, why=wire.why)


def _mounts(service: Service, container: Container) -> Iterator[Reason]:
    state = service.app.state
    for mount in container.mounts:
        why, source = "the filter in front of the Docker socket reads it", ""
        if state and mount.target == state.directory:
            why, source = "what it keeps; a backup takes this", state.source
        elif mount.target == "/data":
            why = "the one data tree, whole: links from downloads to library need one mount"
        mode = "read-only" if mount.read_only else "writable"
        value = f"{mount.source} -> {mount.target} ({mode})"
        yield Reason(setting="mount", value=value, why=why, source=source)


def _environment(topology: Topology, service: Service, container: Container) -> Iterator[Reason]:
    app = service.app
    gateway = gateway_environment(topology, service)
    pointers = {key: s for s in app.secrets for key in pointer(s)}
    needs = {need.variable: need for need in app.needs if need.variable}
    for key, value in container.environment.items():
        why, source = "the catalog's default for this application", app.homepage
        if key in dict(service.environment):
            why, source = f"`services.{service.name}.environment`", ""
        elif key in pointers:
            why, source = f"where the secret `{pointers[key].name}` lies", pointers[key].source
        elif key in gateway:
            why, source = "`tame:vpn`, and the members' ports", ""
        elif key in needs:
            why, source = needs[key].why, needs[key].source
        elif key in {"PUID", "PGID", "UMASK"}:
            why, source = "`tame:identity`", app.identity.source
        elif key == "TZ":
            why, source = "`tame:timezone`", ""
        yield Reason(setting=f"env {key}", value=value, why=why, source=source)


_ENTERS = {
    SecretEntry.FILE: "a file that the application reads",
    SecretEntry.FILE_VARIABLE: "a file that the image's init reads",
    SecretEntry.VARIABLE: "a variable: the image knows nothing better",
    SecretEntry.SEED: "the application's own file, by a script at each start",
}


def _secrets(service: Service) -> Iterator[Reason]:
    for secret in service.app.secrets:
        given = "you supply it" if secret.derive == "given" else "derived from `tame:root_secret`"
        optional = ", optional" if secret.optional else ""
        value = f"{_ENTERS[secret.enters]}{optional}"
        yield Reason(setting=f"secret {secret.name}", value=value, why=given, source=secret.source)


def _running(topology: Topology, service: Service, container: Container) -> Iterator[Reason]:
    app, probe = service.app, container.probe
    if probe:
        value = " ".join(probe.test) or "the image's own"
        value += f", every {probe.timing.interval} s"
        yield Reason(
            setting="probe", value=value, why=f"proves: {probe.proves}", source=probe.source
        )
    why = "room for SQLite to finish" if app.databases else "to finish its work"
    yield Reason(setting="stop grace", value=f"{container.stop_grace} s", why=why)
    asked = topology.settings.services[service.name].memory_mb
    why = f"`services.{service.name}.memory_mb`" if asked else "the catalog's limit"
    source = "" if asked else app.limits.source
    yield Reason(setting="memory", value=f"{container.memory_mb} MiB", why=why, source=source)
    for capability in container.capabilities:
        yield Reason(setting="capability", value=capability, why="the application needs it")
    for option in container.security_options:
        yield Reason(setting="security", value=option, why="no process may gain rights")
    yield Reason(setting="judged by", value=_judges(container), why="`tame explain RULE` says more")


def _judges(container: Container) -> str:
    """The rules that read something this container has."""
    plain = container.model_dump(exclude_defaults=True)
    return ", ".join(rule.name for rule in RULES.values() if rule.reads & set(plain))
