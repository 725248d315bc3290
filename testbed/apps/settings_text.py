"""Values of `[section] key = value` and two-level YAML files, without a parser for either.

Both readers see what the applications' seeds write; both writers add what is missing and leave
every other line as it is, so that a seed and an application never fight over a file.
"""

import re
from collections.abc import Mapping
from pathlib import Path


Settings = dict[str, dict[str, str]]

_SECTION = re.compile(r"\[([^\[\]]+)\]\s*")
_ITEM = re.compile(r"\s*([A-Za-z0-9_]+)\s*[=:]\s*(.*?)\s*")
_TOP = re.compile(r"([A-Za-z0-9_-]+):\s*")


def read_ini(path: Path) -> Settings:
    """Section -> key -> value; sections of a deeper level (`[[tv]]`) are left out."""
    return _read(path, _SECTION, nested=False)


def read_yaml(path: Path) -> Settings:
    """Top key -> key -> plain value; lists and deeper levels are left out."""
    return _read(path, _TOP, nested=True)


def add_to_ini(path: Path, wanted: Mapping[str, Mapping[str, str]]) -> None:
    """Makes sure that every key of *wanted* has some value."""
    _add(path, wanted, read_ini(path), "[{}]", "{} = {}")


def add_to_yaml(path: Path, wanted: Mapping[str, Mapping[str, str]]) -> None:
    """Makes sure that every key of *wanted* has some value."""
    _add(path, wanted, read_yaml(path), "{}:", "  {}: {}")


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


def _read(path: Path, heading: re.Pattern[str], *, nested: bool) -> Settings:
    found: Settings = {}
    section = ""
    for line in _lines(path):
        if line.startswith("[[") or not line.strip() or line.lstrip().startswith(("#", ";")):
            section = "" if line.startswith("[[") else section
            continue
        top = heading.fullmatch(line)
        if top:
            section = top[1]
            found.setdefault(section, {})
            continue
        item = _ITEM.fullmatch(line)
        if item and section and (not nested or line.startswith("  ")):
            found[section][item[1]] = item[2].strip("'\"")
    return found


def _add(
    path: Path,
    wanted: Mapping[str, Mapping[str, str]],
    present: Settings,
    heading: str,
    item: str,
) -> None:
    lines = _lines(path)
    changed = False
    for section, values in wanted.items():
        top = heading.format(section)
        if top not in (line.rstrip() for line in lines):
            lines.append(top)
        at = next(n for n, line in enumerate(lines) if line.rstrip() == top) + 1
        for key, value in values.items():
            if not present.get(section, {}).get(key):
                lines.insert(at, item.format(key, value))
                changed = True
    if changed:
        part = path.with_name(path.name + ".part")
        part.write_text("\n".join(lines) + "\n", "utf-8")
        part.replace(path)
