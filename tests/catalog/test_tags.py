"""Tag grammars against tags that registries really have, with the traps among them."""

import itertools
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tame_components.catalog import catalog
from tame_components.domain.app import App


FILES = sorted(Path(__file__).parent.glob("tags_*.toml"))
TABLES: dict[str, dict[str, Any]] = {}
for file in FILES:
    TABLES |= tomllib.loads(file.read_text("utf-8"))
APPS = tuple(catalog().values())


@pytest.mark.parametrize("entry", APPS, ids=lambda entry: entry.name)
def test_every_app_says_which_tags_are_its_releases(entry: App) -> None:
    """Its own pin is one, the floating names that every registry has are none."""
    assert entry.tags is not None
    assert entry.tags.order(entry.image.tag) is not None
    for floating in ("latest", "nightly", "develop", "stable", "edge", "1", "v1", "2026"):
        assert entry.tags.order(floating) is None, floating


@pytest.mark.parametrize("name", sorted(TABLES))
def test_real_tags_are_told_apart_and_put_in_order(name: str) -> None:
    """Each release is newer than the one before it; nothing else is taken for a release."""
    grammar = catalog()[name].tags
    assert grammar is not None
    orders = [grammar.order(tag) for tag in TABLES[name]["releases"]]

    assert None not in orders
    for older, newer in itertools.pairwise(zip(orders, TABLES[name]["releases"], strict=True)):
        assert (older[0] or ()) < (newer[0] or ()), (older, newer)
    for tag in TABLES[name]["others"]:
        assert grammar.order(tag) is None, tag


@pytest.mark.parametrize("name", sorted(TABLES))
def test_releases_are_compared_number_by_number(name: str) -> None:
    """Two releases have equally many numbers, so that none is greater for being longer."""
    grammar = catalog()[name].tags
    assert grammar is not None
    orders = [grammar.order(tag) for tag in TABLES[name]["releases"]]

    if name != "qbittorrent":  # its tags name libtorrent's version since 2026
        assert len({len(order or ()) for order in orders}) == 1


def test_the_tables_cover_the_whole_catalog() -> None:
    """240 tags or more; each table is of an app of the catalog and has both kinds."""
    tags = [tag for one in TABLES.values() for tag in (*one["releases"], *one["others"])]

    assert len(tags) >= 240
    assert set(TABLES) <= set(catalog())
    assert all(one["releases"] and one["others"] for one in TABLES.values())


def test_the_newest_of_many_is_found() -> None:
    """The known trap: what sorts last as text, or has the greatest numbers, is not the newest."""
    grammar = catalog()["qbittorrent"].tags
    assert grammar is not None
    offered = [*TABLES["qbittorrent"]["others"], *TABLES["qbittorrent"]["releases"]]

    newest = max(
        (tag for tag in offered if grammar.order(tag)), key=lambda tag: grammar.order(tag) or ()
    )
    assert newest == "5.2.3_v2.0.13-ls469"
    assert max(offered) != newest
