"""What Renovate is told is what the tag grammars say."""

import itertools
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tame_components.catalog import catalog
from tame_components.cli import renovating
from tame_components.domain.lock import Lock
from tame_components.ops.pins.renovate import NUMBERS, configuration, refused, versioning


ROOT = Path(__file__).parents[3]
FILE = ROOT / ".github" / "renovate.json"
REAL = {
    name: [tag for tags in entry.values() if isinstance(tags, list) for tag in tags]
    for file in sorted((ROOT / "tests" / "catalog").glob("tags_*.toml"))
    for name, entry in tomllib.loads(file.read_text()).items()
    if isinstance(entry, dict)
}
GRAMMARS = {name: app.tags.pattern for name, app in catalog().items() if app.tags}


def as_renovate(pattern: str, tag: str) -> tuple[int, ...] | None:
    """How Renovate's regex versioning reads *tag* (renovatebot/renovate, versioning/regex)."""
    match = re.search(versioning(pattern).replace("(?<", "(?P<"), tag)
    if match is None or any(re.search(one, tag) for one in refused(pattern)):
        return None
    found = [match.groupdict().get(name) for name in NUMBERS]
    release = [int(number or 0) for number in found[:3]]
    for number in found[3:]:
        if not number:
            break
        release.append(int(number))
    return tuple(release)


def test_the_committed_configuration_is_current() -> None:
    """A new app, or another grammar, changes it: `tame pins renovate` writes it."""
    assert FILE.read_text("utf-8") == configuration(catalog().values())


@pytest.mark.parametrize("name", GRAMMARS)
def test_renovate_reads_the_pin(name: str) -> None:
    """Its regular expression is one that RE2 knows, and takes the pin for a release."""
    pattern = versioning(GRAMMARS[name])

    assert not re.search(r"\(\?[=!]|\(\?<[=!]", pattern)
    assert as_renovate(GRAMMARS[name], catalog()[name].image.tag) is not None


@pytest.mark.parametrize("name", sorted(set(REAL) & set(GRAMMARS)))
def test_real_tags_are_releases_for_both_or_for_neither(name: str) -> None:
    """And where both know an order it is the same: no update goes back."""
    tags = catalog()[name].tags
    assert tags is not None
    assert REAL[name]
    for tag in REAL[name]:
        assert (as_renovate(tags.pattern, tag) is None) == (tags.order(tag) is None), tag
    for older, newer in itertools.permutations(REAL[name], 2):
        ours = (tags.order(older), tags.order(newer))
        theirs = (as_renovate(tags.pattern, older), as_renovate(tags.pattern, newer))
        if ours[0] is not None and ours[1] is not None and ours[0] < ours[1]:
            assert theirs[0] is not None and theirs[1] is not None  # noqa: PT018 - one thought
            assert theirs[0] <= theirs[1], (older, newer)


def test_there_are_real_tags() -> None:
    """The comparison above was made with many."""
    assert sum(len(tags) for tags in REAL.values()) >= 200


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"v(\d+\.\d+\.\d+)", r"^v(?:(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+))$"),
        (r"v(3\.\d+)", r"^v(?:(?<major>3)\.(?<minor>\d+))$"),
        (r"(?!1\.3\.0$)(\d+\.\d+)", r"^(?:(?<major>\d+)\.(?<minor>\d+))$"),
        (
            r"(\d\.\d+\.\d+)(?:_v(\d+\.\d+)|-r(\d+))-ls(\d+)",
            (
                r"^(?:(?<major>\d)\.(?<minor>\d+)\.(?<patch>\d+))(?:_v(?:\d+\.\d+)|-r(?:\d+))"
                r"-ls(?:(?<build>\d+))$"
            ),
        ),
    ],
)
def test_each_form_of_a_grammar(pattern: str, expected: str) -> None:
    """Literal numbers, lookaheads that RE2 lacks, and more numbers than Renovate knows."""
    assert versioning(pattern) == expected


def test_what_is_excluded_stays_excluded() -> None:
    """A tag that the grammar refuses by name is refused by another setting."""
    assert as_renovate(r"(?!1\.3\.0$)(\d+\.\d+\.\d+)", "1.3.0") is None
    assert as_renovate(r"(?!1\.3\.0$)(\d+\.\d+\.\d+)", "1.3.1") == (1, 3, 1)


def found(file: str, text: str) -> list[dict[str, Any]]:
    """What Renovate finds in *text*, which is the content of *file*."""
    managers = json.loads(FILE.read_text("utf-8"))["customManagers"]
    return [
        match.groupdict()
        for manager in managers
        if any(re.search(one.strip("/"), file) for one in manager["managerFilePatterns"])
        for string in manager["matchStrings"]
        for match in re.finditer(string.replace("(?<", "(?P<"), text)
    ]


def test_the_pins_of_a_lock_are_found_and_its_digests_are_not() -> None:
    """Digests are `tame pins lock`'s."""
    image = "docker.io/qmcgaw/gluetun:v3.41.3"
    lock = Lock(pins={"gluetun": image}, images={image: f"sha256:{'0' * 64}"})

    assert found("images.prod.lock.toml", lock.text()) == [
        {"depName": "docker.io/qmcgaw/gluetun", "currentValue": "v3.41.3"}
    ]


def test_an_image_in_the_settings_is_found() -> None:
    """With or without quotes and digest."""
    digest = f"sha256:{'a' * 64}"
    text = f"""
    radarr:
      image: "lscr.io/linuxserver/radarr:6.2.1.10461-ls308@{digest}"
    plex: {{image: localhost:5000/plex:1.0.0}}
    """
    assert found("Pulumi.prod.yaml", text) == [
        {
            "depName": "lscr.io/linuxserver/radarr",
            "currentValue": "6.2.1.10461-ls308",
            "currentDigest": digest,
        },
        {"depName": "localhost:5000/plex", "currentValue": "1.0.0", "currentDigest": None},
    ]
    assert found("docker-compose.yaml", text) == []


def test_nothing_merges_by_itself_and_nothing_unknown_moves() -> None:
    """The gate decides; what has no grammar stays where it is."""
    content = json.loads(FILE.read_text("utf-8"))
    rules = content["packageRules"]

    assert content["automerge"] is False
    assert rules[0]["enabled"] is False
    assert all(rule["versioning"].startswith("regex:") for rule in rules[1:])
    assert len({rule["groupName"] for rule in rules[1:]}) == len(rules) - 2  # Tdarr's two are one


def test_the_verb_says_whether_the_file_is_current(tmp_path: Path) -> None:
    """Writing twice changes nothing; a stale file is told apart without touching it."""
    file = tmp_path / "x" / "renovate.json"

    assert renovating.run(file, only_check=True) == 3
    assert not file.exists()
    assert renovating.run(file, only_check=False) == 0
    assert renovating.run(file, only_check=True) == 0
