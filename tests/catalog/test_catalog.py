"""The catalog: every entry is whole, sourced, pinned, and fits the others."""

import datetime as dt
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources

import pytest

from tame_components import catalog as catalog_package
from tame_components.catalog import app, catalog, parse
from tame_components.domain.app import App, DataAccess, Kind
from tame_components.domain.app_image import Family
from tame_components.domain.app_secrets import SecretEntry
from tame_components.domain.errors import CatalogEntryInvalid, UnknownApp
from tame_components.domain.planes import Plane


APPS = tuple(catalog().values())

WITHOUT_API_KEY = {
    "torrent-client": "qBittorrent has a user and a password",
    "plex": "Plex answers to an account's token",
    "jellyfin": "Jellyfin makes its keys itself, on request of an administrator",
    "media-server": "see plex and jellyfin",
    "emby": "Emby makes its keys itself, as Jellyfin does",
    "tuner": "Threadfin speaks HDHomeRun, which has no login",
    "guide": "files without a secret in them",
    "guide-files": "files without a secret in them",
    "debrid-client": "callers log in with their own URL and key",
    "files": "File Browser has users and passwords of its own",
    "challenge-solver": "FlareSolverr has no login",
    "docker-api": "the proxy has no login: its network is private",
    "docker-restart-api": "the same",
    "monitoring": "Uptime Kuma's keys are made in its own database",
    "logs": "Dozzle has no login of its own",
    "metrics-store": "Prometheus has no login",
    "alerts": "Alertmanager has no login",
    "probes": "the blackbox exporter has no login",
    "host-metrics": "the node exporter has no login",
    "container-metrics": "cAdvisor has no login",
    "app-metrics": "exportarr has no login",
    "log-store": "Loki has no login unless it has tenants",
    "log-shipper": "Alloy has no login",
    "metrics-dashboards": "Grafana has a user and a password",
    "start-page": "Homepage has no login",
    "tunnel": "cloudflared only tells its metrics",
    "reverse-proxy": "a proxy is there for everybody",
    "proxy-logs": "files, not calls",
    "sign-on": "Authelia is the login",
    "snapshots": "Backrest has a user and a password",
}
"""Offers whose callers need another proof than an API key that the stack chose."""

PLANES = {
    "traefik": Plane.USER,
    "nginx-proxy-manager": Plane.USER,
    "authelia": Plane.INTERNAL,
}
"""Proxies are what people reach; the login behind them is reached through them only."""

SHELL_PROBES = {
    "alloy": "nothing else in its image can ask a URL",
}
"""Apps whose probe is a shell's own `/dev/tcp`: no interpreter, but no program either."""

SUPPLIED_OUTSIDE: dict[str, str] = {}
"""Needed offers that no app of the catalog has, with the reason."""


def _texts() -> Iterator[tuple[str, str]]:
    for file in (resources.files(catalog_package) / "apps").iterdir():
        yield file.name.removesuffix(".toml"), file.read_text("utf-8")


def _strings(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _strings(inner, str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, key)
    elif isinstance(value, str):
        yield key, value


def _each(entry: App) -> str:
    return entry.name


each_app = pytest.mark.parametrize("entry", APPS, ids=_each)


def test_the_catalog_has_the_apps_that_the_stacks_use() -> None:
    """Every file of the folder is an entry under the file's name; none is lost or doubled."""
    files = [name for name, _ in _texts()]

    assert sorted(files) == list(catalog())
    assert len({entry.title for entry in APPS}) == len(APPS)
    assert {
        "radarr", "sonarr", "prowlarr", "bazarr", "qbittorrent", "sabnzbd", "overseerr",
        "jellyseerr", "plex", "jellyfin", "tautulli", "notifiarr", "gluetun", "flaresolverr",
        "socket-proxy", "dozzle", "uptime-kuma",
    } <= set(files)  # fmt: skip


@pytest.mark.parametrize(("name", "text"), list(_texts()), ids=[name for name, _ in _texts()])
def test_every_fact_says_where_it_can_be_checked(name: str, text: str) -> None:
    """No source is empty, unfinished or a bare word: it is a URL, a repository's file, or ours."""
    found = [value for key, value in _strings(tomllib.loads(text)) if key == "source"]

    assert found, name
    for source in found:
        assert source.startswith(("https://", "TAME: ")) or "/" in source.split(",")[0], source
        assert not source.endswith("CHECK"), source


@each_app
def test_no_pin_floats(entry: App) -> None:
    """Doctrine R01: a full version, seen on a day that has been."""
    assert not entry.image.reference.floats
    assert dt.date(2026, 1, 1) <= entry.image.seen <= dt.datetime.now(tz=dt.UTC).date()
    assert "amd64" in entry.image.architectures
    assert entry.image.tag in entry.image.source or entry.image.tag.lstrip("v") in (
        entry.image.source
    )


@each_app
def test_a_probe_runs_only_what_the_image_has(entry: App) -> None:
    """Exec form, a known program, no shell, nothing beyond the container itself."""
    if entry.probe is None:
        assert entry.runs == "on-demand"
        return
    assert entry.probe.proves
    if entry.probe.from_image:
        return
    form, program, *arguments = entry.probe.test
    assert form == "CMD"
    assert program.rsplit("/", 1)[-1] in entry.programs.names
    shells = {"bash"} if entry.name in SHELL_PROBES else set()
    assert program not in {"sh", "bash", "python", "python3", "node"} - shells
    urls = [argument for argument in arguments if argument.startswith("http")]
    ports = {port.number for port in entry.ports}
    assert all(int(url.split(":")[2].split("/")[0]) in ports for url in urls)
    assert all(url.startswith("http://127.0.0.1:") for url in urls)


@each_app
def test_time_to_start_and_to_stop_is_enough(entry: App) -> None:
    """R32: SQLite is closed cleanly; R29: a slow first start is not an illness."""
    if entry.state and entry.state.databases:
        assert entry.stop_grace >= 60
        assert any(database.tables for database in entry.state.databases)
    if entry.probe is None:
        return
    if entry.kind is Kind.AUTOMATION:
        assert entry.probe.timing.start_period >= 30
    assert entry.probe.timing.timeout <= entry.probe.timing.interval


@each_app
def test_whoever_offers_an_api_has_its_key_from_the_stack(entry: App) -> None:
    """An offer is protected by the secret `api-key`, unless the list above says why not."""
    protected = {offer.name for offer in entry.offers} - set(WITHOUT_API_KEY)
    names = [secret.name for secret in entry.secrets]

    assert len(names) == len(set(names))
    if protected:
        assert "api-key" in names


@each_app
def test_a_secret_can_really_enter(entry: App) -> None:
    """`FILE__` and seeds are linuxserver's; a variable has a name; no secret is typed here."""
    for secret in entry.secrets:
        if secret.enters in {SecretEntry.FILE_VARIABLE, SecretEntry.SEED}:
            assert entry.image.family is Family.LINUXSERVER
        if secret.enters in {SecretEntry.FILE_VARIABLE, SecretEntry.VARIABLE}:
            assert secret.variable
        if secret.enters is SecretEntry.SEED:
            assert entry.seed is not None
            assert secret.file in entry.seed.script
    assert not {"TZ", "PUID", "PGID", "UMASK"} & set(entry.environment)


@each_app
def test_planes_and_data_follow_what_an_app_is(entry: App) -> None:
    """The doctrine's planes: players and portals are `user`, who has no page `internal`."""
    user = {Kind.MEDIA_SERVER, Kind.REQUESTS}
    internal = {Kind.VPN, Kind.SUPPORT}
    expected = (
        Plane.USER if entry.kind in user
        else Plane.INTERNAL if entry.kind in internal or entry.port() is None
        else Plane.OPERATOR
    )  # fmt: skip

    assert entry.plane is PLANES.get(entry.name, expected)
    assert not entry.importer or entry.data is DataAccess.WRITE
    if entry.kind is Kind.MEDIA_SERVER:
        assert entry.data is DataAccess.READ


def test_every_need_can_be_met() -> None:
    """A need names an offer of another app; nobody needs itself, or one thing twice."""
    offered = {offer.name for entry in APPS for offer in entry.offers}
    for entry in APPS:
        needed = [need.offer for need in entry.needs]
        assert set(needed) <= offered | set(SUPPLIED_OUTSIDE), entry.name
        assert not set(needed) & {offer.name for offer in entry.offers}, entry.name
        assert len(needed) == len(set(needed)), entry.name


READS = {"-allowfrom", "-allowhealthcheck", "-allowHEAD", "-allowGET"}
FILTERS = {"socket-proxy": READS, "restart-proxy": READS | {"-allowPOST"}}
"""The only readers of the Docker socket, and what each lets through."""


@pytest.mark.parametrize("name", FILTERS)
def test_only_a_proxy_reads_the_docker_socket(name: str) -> None:
    """R12 and R13: a filter reads the socket, offers it privately, and names every path."""
    proxy = app(name)

    assert {entry.name for entry in APPS if entry.docker_socket} == set(FILTERS)
    assert all(offer.private for offer in proxy.offers)
    methods = {word.split("=")[0] for word in proxy.command if word.startswith("-allow")}
    assert methods == FILTERS[name]
    assert not any(".*" in word.replace("[a-zA-Z0-9_.-]*", "") for word in proxy.command)


@pytest.mark.parametrize(
    "verb", ["create", "exec", "archive", "kill", "update", "rename", "commit"]
)
def test_the_one_that_writes_only_stops_and_starts(verb: str) -> None:
    """Whoever reaches the restart proxy can stop and start, and take nothing over."""
    (pattern,) = [
        word.partition("=")[2] for word in app("restart-proxy").command if "-allowPOST" in word
    ]

    assert re.fullmatch(pattern, "/v1.41/containers/dev-radarr/restart")
    assert not re.fullmatch(pattern, f"/v1.41/containers/dev-radarr/{verb}")
    assert not re.fullmatch(pattern, "/v1.41/containers/create")


def test_no_app_updates_itself() -> None:
    """R03 and R36: the image is the version."""
    assert app("plex").environment["VERSION"] == "docker"
    for name in ("radarr", "sonarr", "prowlarr"):
        assert app(name).environment[f"{name.upper()}__UPDATE__MECHANISM"] == "Docker"


def test_a_broken_entry_tells_all_its_mistakes_at_once() -> None:
    """TAME103 names the file and every wrong key, so that one round of editing is enough."""
    text = dict(_texts())["radarr"]
    broken = (
        text.replace("number = 7878", "number = 70000")
        .replace('licence = "GPL-3.0"\n', "")
        .replace("memory_mb = 1024", "memory_mb = 1")
        .replace('plane = "operator"', 'plane = "public"')
    )

    with pytest.raises(CatalogEntryInvalid) as caught:
        parse("radarr", broken)

    assert caught.value.code == "TAME103"
    for part in ("radarr.toml", "ports.0.number", "licence", "limits.memory_mb", "plane"):
        assert part in str(caught.value)


def test_what_is_not_toml_is_refused_by_name() -> None:
    """A slip of the pen is TAME103 too, with the line."""
    with pytest.raises(CatalogEntryInvalid, match=r"(?s)new\.toml.*line 1"):
        parse("new", "title = = 1")


def test_an_unknown_app_is_refused_with_the_known_ones() -> None:
    """The error lists what there is."""
    with pytest.raises(UnknownApp, match="radarr"):
        app("raddar")


def test_the_catalog_costs_little_and_needs_no_pulumi() -> None:
    """Less than a second of processor time from nothing, and the engine's SDK stays out."""
    program = (
        "import sys, time; from tame_components.catalog import catalog; catalog();"
        "assert 'pulumi' not in sys.modules; print(time.process_time())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert float(run.stdout) < 1
