"""Which plugin serves for Python and for each provider: an official one, else a stand-in."""

import os
import subprocess
from pathlib import Path
from typing import Final

from ci.toolchain.cli import Search
from ci.toolchain.parts import LANGUAGE_HOST, STAND_INS, Choice, on_path, sdk_version, version_of


_INSTALL_SECONDS: Final = 120


def choose(search: Search, cli: Choice) -> tuple[Choice, ...]:
    """For each plugin, the official one that is here or can be got, else the stand-in."""
    return tuple(_choose(part, search, cli) for part in STAND_INS)


def official(part: str, search: Search, cli: Path) -> Choice | None:
    """The official *part* that is on this machine, if any: never shadowed by a stand-in."""
    path = search.environment.get("PATH", "")
    found = on_path(part, search.places, path)
    if found is not None:
        return Choice(part, "path", "?", str(found), "found on PATH")
    beside = cli.resolve().parent / part
    if os.access(beside, os.X_OK):
        return Choice(part, "official", "with the CLI", str(beside), "came with the CLI")
    return _downloaded(part, search)


def pulumi_home(search: Search) -> Path:
    """Where the user's own plugins are; the one that `.tame/env` sets is not the user's."""
    named = search.environment.get("PULUMI_HOME")
    if named and not Path(named).is_relative_to(search.places.local):
        return Path(named)
    return Path(search.environment.get("HOME") or Path.home()) / ".pulumi"


def _choose(part: str, search: Search, cli: Choice) -> Choice:
    here = official(part, search, Path(cli.path))
    if here is not None:
        return here
    why = _install(part, search, Path(cli.path))
    got = _downloaded(part, search) if why is None else None
    if got is not None:
        return got
    module = STAND_INS[part]
    return Choice(part, "stand-in", "-", module, why or "its download left nothing to run")


def _downloaded(part: str, search: Search) -> Choice | None:
    """The newest version of *part* under the user's Pulumi home."""
    kind_and_name = part.removeprefix("pulumi-")
    plugins = pulumi_home(search) / "plugins"
    directories = sorted(
        plugins.glob(f"{kind_and_name}-v*"), key=lambda path: version_of(path.name), reverse=True
    )
    for directory in directories:
        executable = directory / part
        if os.access(executable, os.X_OK):
            version = directory.name.removeprefix(f"{kind_and_name}-")
            return Choice(part, "official", version, str(executable), "in the Pulumi home")
    return None


def _install(part: str, search: Search, cli: Path) -> str | None:
    """Downloads *part*; None if that went well, else why not."""
    if part == LANGUAGE_HOST:
        return "no official one on PATH or beside the CLI"
    if not search.network.reaches_pulumi():
        return "none on PATH or in the Pulumi home, and its download is out of reach"
    name = part.removeprefix("pulumi-resource-")
    version = sdk_version(f"pulumi-{name}")
    search.say(f"downloading the official {name} plugin {version}")
    environment = {**search.environment, "PULUMI_HOME": str(pulumi_home(search))}
    environment.pop("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", None)
    try:
        done = subprocess.run(
            [cli, "plugin", "install", "resource", name, version],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"its download took more than {_INSTALL_SECONDS} s"
    return None if done.returncode == 0 else f"its download failed: {done.stderr.strip()[-200:]}"
