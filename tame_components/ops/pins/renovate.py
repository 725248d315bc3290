"""The tag grammars as a configuration of Renovate, for those who want its pull requests.

Renovate proposes a tag; the digest, and the proof that it is newer, stay `tame pins`' and the
gate's. Its regular expressions are RE2's, and know five numbers by name
(docs.renovatebot.com/modules/versioning/regex).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tame_components.domain.app import App


NUMBERS = ("major", "minor", "patch", "build", "revision")
"""What Renovate compares, from left to right; `build` and `revision` need those before them."""

_NUMBER = re.compile(r"(?:\\d(?:\{[\d,]+\})?[+*]?|\d)+")
_LOOKAHEAD = re.compile(r"\(\?!((?:[^()\\]|\\.)*)\)")
_GROUP = re.compile(r"\((?!\?)")

_REFERENCE = r"(?<depName>[a-z0-9][a-z0-9.:-]*/[a-z0-9._/-]+):(?<currentValue>[A-Za-z0-9_.-]+)"
_FILES = {
    "images.<stack>.lock.toml": (
        r"/(^|/)images\.[a-z][a-z0-9-]*\.lock\.toml$/",
        rf'[a-z0-9] = "{_REFERENCE}"',
    ),
    "Pulumi.<stack>.yaml": (
        r"/(^|/)Pulumi\.[a-z][a-z0-9-]*\.yaml$/",
        rf"image:\s+[\"']?{_REFERENCE}(?:@(?<currentDigest>sha256:[0-9a-f]+))?",
    ),
}


def configuration(apps: Iterable[App]) -> str:
    """`renovate.json` for every image of *apps* that has a tag grammar."""
    images: dict[str, list[App]] = {}
    for app in apps:
        if app.tags:
            images.setdefault(app.image.repository, []).append(app)
    content: dict[str, Any] = {
        "$schema": "https://docs.renovatebot.com/renovate-schema.json",
        "description": "Written by `tame pins renovate`; changes here are lost.",
        "enabledManagers": ["custom.regex"],
        "automerge": False,
        "separateMajorMinor": False,
        "pinDigests": False,
        "customManagers": [_manager(name, *how) for name, how in _FILES.items()],
        "packageRules": [_nothing_else(), *_rules(images)],
    }
    return json.dumps(content, indent=2) + "\n"


def versioning(pattern: str) -> str:
    """The tag grammar *pattern* with Renovate's names for the numbers in its groups.

    Where it has more numbers than Renovate knows, or alternatives, the first three and the last one
    count: linuxserver's images end in the number of their build, which only grows.
    """
    bare = _LOOKAHEAD.sub("", pattern)
    spans = list(_numbers(bare))
    if len(spans) > len(NUMBERS) or "|" in bare:
        spans = [*spans[:3], spans[-1]]
    named = dict(zip(spans, NUMBERS, strict=False))
    converted, position = "", 0
    for (start, end), name in named.items():
        converted += _uncaptured(bare[position:start]) + f"(?<{name}>{bare[start:end]})"
        position = end
    return f"^{converted}{_uncaptured(bare[position:])}$"


def refused(pattern: str) -> tuple[str, ...]:
    """Tags that *pattern* excludes by name, which RE2 cannot: expressions for whole tags."""
    return tuple(f"^{one.removesuffix('$')}$" for one in _LOOKAHEAD.findall(pattern))


def _numbers(pattern: str) -> Iterator[tuple[int, int]]:
    """Where the numbers inside of capturing groups stand."""
    depth: list[bool] = []
    position = 0
    while position < len(pattern):
        number = _NUMBER.match(pattern, position) if any(depth) else None
        if number:
            yield number.span()
            position = number.end()
            continue
        character = pattern[position]
        if character == "(":
            depth.append(bool(_GROUP.match(pattern, position)))
        elif character == ")":
            depth.pop()
        position += 2 if character == "\\" else 1


def _uncaptured(pattern: str) -> str:
    return _GROUP.sub("(?:", pattern)


def _manager(name: str, files: str, found: str) -> dict[str, Any]:
    return {
        "customType": "regex",
        "description": f"What {name} pins",
        "managerFilePatterns": [files],
        "matchStrings": [found],
        "datasourceTemplate": "docker",
    }


def _nothing_else() -> dict[str, Any]:
    return {
        "description": "An image without a tag grammar is nobody's to move",
        "matchPackageNames": ["*"],
        "enabled": False,
    }


def _rules(images: Mapping[str, list[App]]) -> Iterator[dict[str, Any]]:
    for repository, apps in sorted(images.items()):
        tags = apps[0].tags
        if tags is None:
            continue
        titles = " and ".join(app.title for app in apps)
        wrong = "|".join(refused(tags.pattern))
        yield {
            "description": titles,
            "matchDatasources": ["docker"],
            "matchPackageNames": _spellings(repository),
            "enabled": True,
            "versioning": f"regex:{versioning(tags.pattern)}",
            **({"allowedVersions": f"!/{wrong}/"} if wrong else {}),
            "groupName": _group(apps),
            "commitMessageTopic": titles,
            "prBodyNotes": _notes(apps[0]),
        }


def _group(apps: list[App]) -> str:
    """One pull request each; a Tdarr server takes no node of another version."""
    return "tdarr" if apps[0].name.startswith("tdarr") else apps[0].name


def _spellings(repository: str) -> list[str]:
    """As a person may write it: Docker Hub's name is optional."""
    return list(
        dict.fromkeys(
            (
                repository,
                repository.removeprefix("docker.io/"),
                repository.removeprefix("docker.io/library/"),
            )
        )
    )


def _notes(app: App) -> list[str]:
    notes = ["Run `tame pins lock` on this branch: it writes the digest of the new image."]
    if app.tags and app.tags.changelog:
        link = app.tags.changelog.replace("{tag}", "{{{newValue}}}")
        notes.append(f"What it brings: {link}")
    return notes
