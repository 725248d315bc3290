"""Which `pulumi` is used: on the path, the official release, or built from the Go module."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ci.toolchain import build
from ci.toolchain.errors import NoPulumi
from ci.toolchain.network import Network
from ci.toolchain.parts import CLI, Choice, Places, on_path, sdk_version, version_of, wanted_cli


@dataclass(frozen=True, slots=True)
class Search:
    """What the choice depends on, so that tests can say it."""

    places: Places
    environment: Mapping[str, str]
    network: Network
    say: Callable[[str], None]
    refresh: bool = False
    """Asks the network before it takes what was built on this machine earlier."""


def choose(search: Search) -> Choice:
    """The CLI to use; installs or builds it if need be.

    Raises:
        NoPulumi: None of the ways leads to one; each is named with what stood in its way.
    """
    refusals: list[str] = []
    for way in (_from_path, _from_cache, _official, _built):
        result = way(search)
        if isinstance(result, Choice):
            return result
        refusals.append(result)
    raise NoPulumi(refusals)


def _from_path(search: Search) -> Choice | str:
    path = search.environment.get("PATH", "")
    home = search.environment.get("PULUMI_HOME") or f"{search.environment.get('HOME', '')}/.pulumi"
    found = on_path(CLI, search.places, path) or on_path(CLI, search.places, f"{home}/bin")
    if found is None:
        return f"`PATH` and `{home}/bin` have no `pulumi`"
    version = answered_version(found)
    if version is None:
        return f"`{found}` does not run"
    if version_of(version) < version_of(wanted_cli()):
        return f"`{found}` is {version}, older than {wanted_cli()}"
    return Choice(CLI, "path", version, str(found), "found on PATH and new enough")


def _from_cache(search: Search) -> Choice | str:
    candidates = {"official": search.places.official(sdk_version("pulumi")) / "bin" / CLI}
    if not search.refresh:
        candidates["built"] = search.places.built(wanted_cli())
    for used, path in candidates.items():
        version = answered_version(path) if path.exists() else None
        if version is not None:
            return Choice(CLI, used, version, str(path), "got earlier on this machine")
    return f"`{search.places.cache}` has none from an earlier time"


def _official(search: Search) -> Choice | str:
    version = sdk_version("pulumi")
    if not search.network.reaches_pulumi():
        return f"the official release is out of reach: {search.network.why}"
    root = search.places.official(version)
    search.say(f"installing the official Pulumi {version} into {root}")
    failure = search.network.install(root, version)
    answered = answered_version(root / "bin" / CLI)
    if answered is None:
        return f"the official installer did not bring a working `pulumi`: {failure or 'no answer'}"
    return Choice(CLI, "official", answered, str(root / "bin" / CLI), "official release")


def _built(search: Search) -> Choice | str:
    version = wanted_cli()
    target = search.places.built(version)
    refusal = build.obstacle(search.environment)
    if refusal is not None and not target.exists():
        return refusal
    build.build(target, version, search.environment, search.say)
    answered = answered_version(target)
    if answered is None:
        return f"what was built at `{target}` does not run"
    return Choice(CLI, "built", answered, str(target), "official release out of reach")


def answered_version(program: Path) -> str | None:
    """What `pulumi version` prints, or None if it does not run."""
    try:
        done = subprocess.run(
            [program, "version"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": "/nonexistent",
                "PULUMI_SKIP_UPDATE_CHECK": "true",
            },
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 and version_of(done.stdout) else None
