"""Facts of the catalog that have to agree with each other."""

from fnmatch import fnmatchcase
from pathlib import PurePosixPath

import pytest

from tame_components.catalog import catalog
from tame_components.domain.app import App


APPS = tuple(catalog().values())
EXPORTED = {"radarr", "sonarr", "lidarr", "prowlarr", "bazarr", "sabnzbd"}
"""onedr0p/exportarr, README.md: the applications that it knows."""

ASKED_OTHERWISE = {"grafana": "its widget shows numbers only to a user with a password"}
"""Widgets that are named for the day when a key for them can be had."""

each_app = pytest.mark.parametrize("entry", APPS, ids=lambda entry: entry.name)


@each_app
def test_a_snapshot_leaves_out_no_database(entry: App) -> None:
    """Excludes lie below the state directory, and none of them covers what must be restored."""
    if entry.state is None:
        return
    for glob in entry.state.excludes:
        assert not glob.startswith("/")
        assert ".." not in PurePosixPath(glob).parts
        assert not any(fnmatchcase(one.path, glob) for one in entry.state.databases), glob
    assert not (entry.state.backup == "none" and entry.state.databases)


@each_app
def test_who_works_on_video_says_where_it_puts_it(entry: App) -> None:
    """A directory in the container; without one, a fast disk or memory could serve nothing."""
    assert entry.transcodes == (entry.scratch is not None)
    assert entry.scratch is None or entry.scratch.startswith("/")


@each_app
def test_a_widget_asks_with_a_key_that_there_is(entry: App) -> None:
    """Homepage's widgets and exportarr get the service's `api-key`, as it is derived."""
    keys = [one for one in entry.secrets if one.name == "api-key" and one.derive == "hex32"]
    if entry.dashboard and entry.dashboard.widget and entry.name not in ASKED_OTHERWISE:
        assert keys or not entry.secrets, entry.dashboard.widget
    if entry.metrics and entry.metrics.by == "exportarr":
        assert keys
        assert entry.metrics.command == entry.name


def test_every_application_that_exportarr_knows_is_measured() -> None:
    """And no other: for those it has no subcommand."""
    found = {one.name for one in APPS if one.metrics and one.metrics.by == "exportarr"}

    assert found == EXPORTED


@each_app
def test_what_it_mounts_of_others_is_offered_by_somebody(entry: App) -> None:
    """A mount of another's state names an offer of an application that keeps a state."""
    keepers = {offer.name for one in APPS if one.state for offer in one.offers}

    assert {one.offer for one in entry.mounts if one.what == "state-of"} <= keepers
    assert all(one.read_only for one in entry.mounts if one.what == "state-of")
