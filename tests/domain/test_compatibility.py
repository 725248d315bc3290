"""What is known about versions, and what of it a stack has."""

import pytest

from tame_components.catalog import catalog
from tame_components.domain.compatibility import (
    Running,
    incompatible,
    parse_facts,
    version_of,
)
from tame_components.rules.compatibility import known_facts
from tests.harness import stacks


QBITTORRENT = "lscr.io/linuxserver/qbittorrent:5.2.3_v2.0.13-ls469"


def found(**images: str | None) -> list[tuple[str, str | None]]:
    services = {
        name.replace("_", "-"): {"image": image} if image else {} for name, image in images.items()
    }
    running = [
        Running(service.name, frozenset({service.app.name}), version)
        for service in stacks.topology(services={"gluetun": {}, **services}).services
        if (version := version_of(service.image.tag or ""))
    ]
    return [(one.service, one.other) for one in incompatible(running, known_facts())]


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("5.2.3_v2.0.13-ls469", (5, 2, 3)),
        ("v1.35.0-ls159", (1, 35, 0)),
        ("10.11.11ubu2604-ls43", (10, 11, 11)),
        ("1.43.3.10828-00f62d37d-ls315", (1, 43, 3, 10828)),
        ("2.86.01", (2, 86, 1)),
        ("latest", None),
    ],
)
def test_the_version_in_a_tag(tag: str, version: tuple[int, ...] | None) -> None:
    """Build numbers of the image and hashes are no part of the application's version."""
    assert version_of(tag) == version


def test_what_the_catalog_deploys_goes_together() -> None:
    """A newcomer's stack has none of the known troubles, but for what was given up upstream."""
    pinned = [
        Running(name, frozenset({name}), version)
        for name, app in catalog().items()
        if (version := version_of(app.image.tag))
    ]

    assert {one.service for one in incompatible(pinned, known_facts())} == {"overseerr"}


@pytest.mark.parametrize(
    ("sonarr", "trouble"),
    [
        ("lscr.io/linuxserver/sonarr:4.0.15.2941-ls286", [("sonarr", "qbittorrent")]),
        ("lscr.io/linuxserver/sonarr:4.0.17.2967-ls300", []),
        (None, []),
    ],
)
def test_an_update_of_one_end_alone_is_seen(
    sonarr: str | None, trouble: list[tuple[str, str]]
) -> None:
    """The one that has to move is named, with the one that it meets."""
    assert found(qbittorrent=QBITTORRENT, sonarr=sonarr) == trouble


def test_an_older_client_is_no_trouble() -> None:
    """Both ends old is how it always worked."""
    old = "lscr.io/linuxserver/qbittorrent:5.1.4_v2.0.11-ls430"
    assert found(qbittorrent=old, sonarr="lscr.io/linuxserver/sonarr:4.0.15.2941-ls286") == []


def test_every_fact_is_about_the_catalog_and_has_a_source() -> None:
    """A misspelt application would be a fact that never applies."""
    assert known_facts()
    for fact in known_facts():
        for versions in (fact.first, fact.second):
            assert versions is None or versions.app in catalog()
        assert not fact.same or fact.second
        assert "/" in fact.source
        assert not fact.why.endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        '[[facts]]\nfirst = { app = "a" }\nwhy = "x"\ninstead = "y"',
        '[[facts]]\nfirst = { app = "a", till = "1.0" }\nwhy = "x"\ninstead = "y"\nsource = "z"',
        '[[facts]]\nfirst = { app = "a", below = "new" }\nwhy = "x"\ninstead = "y"\nsource = "z"',
    ],
)
def test_a_fact_with_a_mistake_is_refused(text: str) -> None:
    """Without a source, with an unknown word, or with something that is no version."""
    with pytest.raises(ValueError, match=r"fact|keys|version"):
        parse_facts(text)
