"""What a checkout is given: `.tame/bin`, `.tame/env`, a passphrase, a record of the choice."""

import contextlib
import dataclasses
import json
import os
import secrets
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ci.toolchain.parts import CLI, STAND_INS, Choice, Places, on_path, sdk_version, wanted_cli


def equip(places: Places, choices: Sequence[Choice]) -> None:
    """Makes `.tame` say what *choices* say; what an earlier choice left there goes."""
    for directory in (places.bin, places.local / "state"):
        directory.mkdir(parents=True, exist_ok=True)
    by_part = {choice.part: choice for choice in choices}
    _link(places.bin / CLI, Path(by_part[CLI].path))
    for part in STAND_INS:
        wrapper = places.bin / part
        if by_part[part].stands_in:
            write(wrapper, _wrapper(places, by_part[part]), mode=0o755)
        else:
            wrapper.unlink(missing_ok=True)
    _passphrase(places.local / "passphrase")
    write(places.local / "env", _exports(places, choices), mode=0o644)


def remember(places: Places, environment: Mapping[str, str], choices: Sequence[Choice]) -> None:
    """Records *choices* with what they were made from."""
    record = {
        "made_from": _made_from(places, environment),
        "choices": [dataclasses.asdict(choice) for choice in choices],
    }
    write(places.local / "toolchain.json", json.dumps(record, indent=1) + "\n", mode=0o644)


def recall(places: Places, environment: Mapping[str, str]) -> tuple[Choice, ...] | None:
    """The recorded choices, if they were made from what is still so, and are still there."""
    try:
        record = json.loads((places.local / "toolchain.json").read_text())
        choices = tuple(Choice(**choice) for choice in record["choices"])
        same = record["made_from"] == _made_from(places, environment)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    there = all(choice.stands_in or os.access(choice.path, os.X_OK) for choice in choices)
    complete = {choice.part for choice in choices} == {CLI, *STAND_INS}
    return choices if same and there and complete else None


def write(path: Path, text: str, *, mode: int) -> None:
    """Writes *path* completely or not at all, whoever else writes it at the same time."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _made_from(places: Places, environment: Mapping[str, str]) -> dict[str, str]:
    path = environment.get("PATH", "")
    found = {part: str(on_path(part, places, path) or "") for part in (CLI, *STAND_INS)}
    sdks = {name: sdk_version(name) for name in ("pulumi", "pulumi-docker", "pulumi-command")}
    return {**found, **sdks, "cli": wanted_cli(), "root": str(places.root)}


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    temporary = link.with_name(f".{link.name}-{os.getpid()}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)


def _wrapper(places: Places, choice: Choice) -> str:
    # -P: the directory of the stack's program is not on the import path of its plugins.
    return (
        "#!/bin/sh\n"
        "# A stand-in for rehearsals, written by ci/toolchain/ensure because:\n"
        f"# {' '.join(choice.why.split())}.\n"
        f'exec {shlex.quote(str(places.python))} -P -m {choice.path} "$@"\n'
    )


def _passphrase(path: Path) -> None:
    """Makes the passphrase that encrypts the checkout's secrets, once."""
    if path.exists():
        return
    candidate = path.with_name(f".{path.name}-{os.getpid()}")
    write(candidate, secrets.token_urlsafe(32), mode=0o600)
    try:
        with contextlib.suppress(FileExistsError):  # another process was faster: its one counts
            path.hardlink_to(candidate)
    finally:
        candidate.unlink()


def _exports(places: Places, choices: Sequence[Choice]) -> str:
    """A shell file; sourcing it twice is sourcing it once."""
    variables = {
        "PULUMI_BACKEND_URL": f"file://{places.local / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(places.local / "passphrase"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    if any(choice.stands_in for choice in choices):
        variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
    plugins = [choice for choice in choices if choice.part != CLI]
    if all(choice.stands_in for choice in plugins):
        variables["PULUMI_HOME"] = str(places.local / "pulumi-home")
    paths = f"{places.bin}:{places.python.parent}"
    lines = [
        "# By ci/toolchain/ensure; `. .tame/env` makes `pulumi` and `tame` this checkout's.",
        f"tame_paths={shlex.quote(paths)}",
        'case "$PATH" in "$tame_paths":*) ;; *) export PATH="$tame_paths:$PATH" ;; esac',
        "unset tame_paths",
        "# Both would win over what is set below.",
        "unset PULUMI_CONFIG_PASSPHRASE PULUMI_IGNORE_AMBIENT_PLUGINS",
        *(f"export {name}={shlex.quote(value)}" for name, value in variables.items()),
    ]
    return "\n".join(lines) + "\n"
