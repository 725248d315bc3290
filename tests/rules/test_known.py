"""The tables by which foreign containers are recognised agree with the catalog."""

import pytest

from tame_components.catalog import catalog
from tame_components.domain.app import App, Kind
from tame_components.domain.container import Container
from tame_components.rules import known


APPS = catalog().values()


def called(app: App, *, by_label: bool) -> Container:
    """A container of *app* with its label, or as somebody else would run its image."""
    image = str(app.image.reference)
    return Container(name="x", app=app.name if by_label else "", image=image)


@pytest.mark.parametrize("by_label", [True, False], ids=["label", "image"])
@pytest.mark.parametrize(
    ("wanted", "table"),
    [
        (lambda app: app.importer, known.IMPORTERS),
        (lambda app: app.torrent, known.TORRENT_CLIENTS),
        (lambda app: app.kind is Kind.VPN, known.VPN_GATEWAYS),
        (lambda app: app.docker_socket, known.SOCKET_PROXIES),
        (lambda app: app.kind is Kind.MEDIA_SERVER, known.PLAYERS),
    ],
    ids=["importer", "torrent", "vpn", "socket", "player"],
)
def test_what_the_catalog_says_of_a_role_the_tables_know(
    wanted: object, table: frozenset[str], *, by_label: bool
) -> None:
    """A rule about a role must find every application that has it, whoever made the container."""
    assert callable(wanted)
    apps = [app for app in APPS if wanted(app)]

    assert apps
    unknown = [app.name for app in apps if not known.is_any(called(app, by_label=by_label), table)]
    assert unknown == []


def test_state_is_where_the_catalog_says() -> None:
    """Where both name a directory, it is one of the same."""
    wrong = {
        app.name: app.state.directory
        for app in APPS
        if app.state and app.name in known.STATE_DIRECTORIES
        if app.state.directory not in known.STATE_DIRECTORIES[app.name]
    }

    assert wrong == {}


def test_no_image_with_a_check_of_its_own_runs_on_demand() -> None:
    """What runs on demand has no health; an image in the table would be asked for it."""
    wrong = [
        app.name
        for app in APPS
        if known.is_any(called(app, by_label=True), known.OWN_HEALTH_CHECK) and app.probe is None
    ]

    assert wrong == []


def test_no_table_of_roles_contradicts_another() -> None:
    """One image cannot be in the tunnel and be the tunnel."""
    assert known.TORRENT_CLIENTS.isdisjoint(known.NO_BUSINESS_IN_THE_TUNNEL)
    assert known.VPN_GATEWAYS.isdisjoint(known.TORRENT_CLIENTS | known.NO_BUSINESS_IN_THE_TUNNEL)
    assert known.SOCKET_PROXIES.isdisjoint(known.USER_PLANE)
    assert known.BACKUP_TOOLS.isdisjoint(known.STATE_DIRECTORIES)
