"""docs/reference/catalog.md: what is known about each application, and where it was seen."""

from collections.abc import Iterator

from docs.generator import markdown as md
from tame_components.catalog import catalog, refusals
from tame_components.domain.app import App, DataAccess, Kind, Port
from tame_components.domain.app_secrets import Secret, SecretEntry
from tame_components.domain.app_traits import ExtraMount


_INTRODUCTION = """\
# The catalog

The applications that a stack can be made of. Each is one file in `tame_components/catalog/apps`;
[adding one](../add-an-app.md) needs no Python. A fact about somebody else's program names its
source; a version was seen at that source on that day.

*Plane* says who may reach it: `user` may be published, `operator` stays on loopback, `internal` is
for other services only. *Fidelity* says how much its [stand-in](../rehearsal.md) speaks in a
rehearsal: the `api`, or `health` and status only.
"""

_ENTERS = {
    SecretEntry.FILE: "as a file that the application reads",
    SecretEntry.FILE_VARIABLE: "as a file that the image's init reads into a variable",
    SecretEntry.VARIABLE: "as environment, readable through the Docker socket",
    SecretEntry.SEED: "as a file that a seed writes into the application's own settings",
}
_USER = {
    "puid-pgid": "the service's own id, through `PUID` and `PGID`",
    "user": "the service's own id, through Docker's `user`",
    "fixed": "what the image decides",
}
_METRICS = {
    "itself": "answers Prometheus itself",
    "exportarr": "through an exporter beside it, where the stack watches",
}
_DATA = {
    DataAccess.NONE: "does not see it",
    DataAccess.READ: "at `/data`, read-only by default",
    DataAccess.WRITE: "at `/data`, writable",
}


def page() -> str:
    """The whole page."""
    entries = list(catalog().values())
    parts = [md.notice("tame_components/catalog/apps"), *_INTRODUCTION.split("\n")]
    head = ("app", "version", "plane", "port", "fidelity", "what it is for")
    parts += md.table(head, map(_index, entries))
    for kind in Kind:
        group = [app for app in entries if app.kind is kind]
        if group:
            title = kind.value.replace("-", " ")
            parts += [f"## {'VPN' if kind is Kind.VPN else title.capitalize()}", ""]
            parts += [line for app in group for line in _section(app)]
    parts += ["## Refused", ""]
    rows = [(md.code(no.name), no.reason, no.instead, no.source) for no in refusals().values()]
    parts += md.table(("app", "why not", "instead", "source"), rows)
    return md.document(parts)


def _index(app: App) -> tuple[str, ...]:
    port = app.port()
    number = md.code(port.number) if port else "-"
    link = f"[{app.name}](#{app.name})"
    return (link, md.code(app.image.tag), app.plane.value, number, app.fidelity, app.summary)


def _section(app: App) -> Iterator[str]:
    yield from (f"### {app.name}", "")
    yield from (f"[{app.title}]({app.homepage}), {app.licence}. {app.summary}.", "")
    yield from md.table(("fact", "value", "source"), list(_facts(app)))
    if app.secrets:
        rows = [_secret(secret) for secret in app.secrets]
        yield from md.table(("secret", "comes from", "enters", "source"), rows)
    calls = [*_offers(app), *_needs(app)]
    if calls:
        yield from md.table(("wire", "what", "source"), calls)


def _facts(app: App) -> Iterator[tuple[str, str, str]]:
    image = app.image
    seen = f"{md.code(image.reference)}, seen {image.seen.isoformat()}"
    yield "image", f"{seen}, for {md.codes(image.architectures)}", image.source
    for port in app.ports:
        yield f"port `{port.name}`", _port(port), port.source
    if app.tags:
        yield "newer releases", md.code(app.tags.pattern), app.tags.source
    if app.probe:
        proves = f"proves that {app.probe.proves}"
        ran = md.code(" ".join(app.probe.test)) if app.probe.test else "the image's own"
        yield "probe", f"{ran}; {proves}", app.probe.source
    if app.version:
        where = f"{md.code(app.version.path)}, {md.code(app.version.pointer)}"
        yield "says its version", where, app.version.source
    if app.metrics:
        yield "metrics", _METRICS[app.metrics.by], app.metrics.source
    yield "runs as", _USER[app.identity.by], app.identity.source
    if app.state:
        databases = md.codes(database.path for database in app.state.databases)
        told = f"{md.code(app.state.directory)}; SQLite files: {databases}"
        yield "state", told, app.state.source
    if app.seed:
        yield "seed", "a script writes settings that exist only in its own file", app.seed.source
    yield from _surroundings(app)


def _surroundings(app: App) -> Iterator[tuple[str, str, str]]:
    """What it is told, and what it sees beside its own state."""
    if app.advertised:
        told = f"{md.code(app.advertised.variable)} says where players find it"
        yield "advertises", told, app.advertised.source
    for mount in app.mounts:
        yield "also sees", _mount(mount), mount.source
    for file in app.files:
        yield "reads", f"{md.code(file.path)}, which TAME writes", file.source
    yield "data tree", _DATA[app.data], "TAME"
    yield "memory", f"{app.limits.memory_mb} MB", app.limits.source


def _mount(mount: ExtraMount) -> str:
    access = "read-only" if mount.read_only else "writable"
    of = {
        "host": f"{md.code(mount.path)} of the host",
        "state-of": f"the state of each service that offers {md.code(mount.offer)}",
        "config-root": "the state of every service",
        "metrics": "the figures that backups leave for Prometheus",
        "backups": "the backups' repository",
    }[mount.what]
    return f"{of}, at {md.code(mount.target)}, {access}"


def _port(port: Port) -> str:
    return f"{port.number}/{port.protocol}, {port.scheme}"


def _secret(secret: Secret) -> tuple[str, str, str, str]:
    origins = {"given": "you", "borrowed": "the services that it calls"}
    origin = origins.get(secret.derive, "the root secret")
    if secret.optional:
        origin += ", optional"
    variable = f" ({md.code(secret.variable)})" if secret.variable else ""
    return md.code(secret.name), origin, _ENTERS[secret.enters] + variable, secret.source


def _offers(app: App) -> Iterator[tuple[str, str, str]]:
    for offer in app.offers:
        alone = ", over a network of their own" if offer.private else ""
        yield "offers", f"{md.code(offer.name)} to its callers{alone}", offer.source


def _needs(app: App) -> Iterator[tuple[str, str, str]]:
    for need in app.needs:
        back = "; is called back" if need.call_back else ""
        yield "needs", f"{md.code(need.offer)}: {need.why}{back}", need.source
