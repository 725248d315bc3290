"""From files to one Compose model: variables, documents, `include`, `extends`, override files.

Reads files and nothing else: no command, no network, no variable of the caller's shell, so that a
verdict is the same on every machine. Paths become relative to the project's directory.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tame_components.compose.documents import SECTIONS, Reading, at, documents, variables_of
from tame_components.compose.errors import (
    ComposeCycle,
    ComposeInvalid,
    ComposeReferenceMissing,
    ComposeTooLarge,
    ComposeUnreadable,
)
from tame_components.compose.merging import merged
from tame_components.compose.nodes import MAX_DEPTH, Node


NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_OVERRIDES = {name: f"{Path(name).stem}.override{Path(name).suffix}" for name in NAMES}


@dataclass(frozen=True, slots=True)
class Project:
    """One stack as its files describe it, variables filled in."""

    name: str
    file: str
    """As the caller named it: the first of the files."""
    directory: Path
    model: Node
    """The merged mapping."""
    notes: tuple[str, ...] = ()
    """What could not be followed, one sentence each."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Of `.env`, or what stands in its place."""

    @property
    def services(self) -> Mapping[str, Node]:
        """By name, in the order of the files."""
        return self.model.entries("services")

    def section(self, name: str) -> Mapping[str, Node]:
        """A top-level mapping, e.g. `volumes`."""
        return self.model.entries(name)


def load(
    files: Sequence[Path], *, env_files: Iterable[Path] = (), profiles: Iterable[str] | None = None
) -> Project:
    """The stack that *files* describe together, the last on top.

    Args:
        files: one or more. A single one of a default name brings its override file along, as
            Compose does.
        env_files: instead of the `.env` beside the first file.
        profiles: only services that these profiles start. Default: all services.

    Raises:
        ComposeError: a file cannot be read, is no Compose file, or refers to what is not there.
    """
    first = files[0]
    directory = first.parent
    chosen = list(env_files) or [directory / ".env"]
    required = bool(list(env_files))
    variables: dict[str, str] = {}
    for one in chosen:
        variables |= variables_of(one, variables, required=required)
    reading = Reading(directory, variables)
    model = _layers(layers_of(files), reading, ())
    name = _name(model, directory, variables)
    if reading.mistakes:
        raise ComposeInvalid(str(first), reading.mistakes)
    return Project(
        name=name,
        file=str(first),
        directory=directory,
        model=_active(model, profiles),
        notes=tuple(reading.notes),
        variables=variables,
    )


def layers_of(files: Sequence[Path]) -> list[Path]:
    """*files* and the override file that Compose reads with a single one of a default name."""
    return [*files, *_override(files)]


def _override(files: Sequence[Path]) -> list[Path]:
    if len(files) == 1 and files[0].name in _OVERRIDES:
        beside = files[0].with_name(_OVERRIDES[files[0].name])
        return [beside] if beside.is_file() else []
    return []


def _name(model: Node, directory: Path, variables: Mapping[str, str]) -> str:
    wanted = model.said("name") or variables.get("COMPOSE_PROJECT_NAME", "")
    return re.sub(r"[^a-z0-9_-]", "", (wanted or directory.absolute().name).lower()) or "stack"


def _layers(files: Iterable[Path], reading: Reading, trail: tuple[str, ...]) -> Node:
    model: Node | None = None
    for file in files:
        for document in documents(file, reading):
            whole = _with_included(document, file, reading, trail)
            whole = _with_bases(whole, file, reading)
            model = merged(model, whole) if model else whole
    if model is None:
        raise ComposeUnreadable(str(next(iter(files))), "it is empty")
    return model


def _with_included(node: Node, file: Path, reading: Reading, trail: tuple[str, ...]) -> Node:
    wanted = node.get("include")
    if wanted is None:
        return node
    if len(trail) > MAX_DEPTH:
        raise ComposeTooLarge(str(file), "levels of `include`", MAX_DEPTH)
    trail = (*trail, str(file.resolve()))
    result = node.without("include")
    for one in wanted.items if not wanted.keys else [wanted]:
        for path in (one.get("path") or one).items:
            if "://" in path.text or path.text.startswith(("git@", "oci:")) or path.unknown:
                reading.notes.append(f"`include` of `{path.text}` is not followed")
                continue
            inner = file.parent / path.text
            if str(inner.resolve()) in trail:
                raise ComposeCycle("include", [*trail, str(inner.resolve())])
            if not inner.is_file():
                raise ComposeReferenceMissing(at(path.place), f"the file `{path.text}`")
            result = _joined(result, _included(inner, one, file.parent, reading, trail), reading)
    return result


def _included(file: Path, how: Node, base: Path, reading: Reading, trail: tuple[str, ...]) -> Node:
    chosen = how.get("env_file")
    files = [base / one.text for one in chosen.items] if chosen else [file.parent / ".env"]
    variables: dict[str, str] = {}
    for one in files:
        variables |= variables_of(one, {**variables, **reading.variables}, required=False)
    inner = replace(reading, variables={**variables, **reading.variables})
    return _layers([file], inner, trail)


def _joined(node: Node, other: Node, reading: Reading) -> Node:
    """*other* beside *node*: an included file adds, and never changes."""
    result = dict(node.keys)
    for section in SECTIONS:
        theirs = other.get(section)
        if theirs is None or not theirs.keys:
            continue
        ours = node.entries(section)
        both = ours.keys() & theirs.keys.keys()
        if section == "services":
            reading.mistakes += [
                f"{at(theirs.keys[name].place)}: service `{name}` is also in `{node.place.file}`"
                for name in sorted(both)
            ]
        result[section] = replace(theirs, value={**theirs.keys, **ours})
    return replace(node, value=result)


def _with_bases(node: Node, file: Path, reading: Reading) -> Node:
    services = node.get("services")
    if services is None or not services.keys:
        return node
    done = {
        name: _based(name, services.keys, file, reading, ()) if isinstance(one.value, dict) else one
        for name, one in services.keys.items()
    }
    return replace(node, value={**node.keys, "services": replace(services, value=done)})


def _based(
    name: str,
    services: Mapping[str, Node],
    file: Path,
    reading: Reading,
    trail: tuple[str, ...],
) -> Node:
    """The service *name* on top of what it extends."""
    own = services[name]
    wanted = own.get("extends")
    if wanted is None:
        return own
    if len(trail) > MAX_DEPTH:
        raise ComposeTooLarge(str(file), "levels of `extends`", MAX_DEPTH)
    step = f"{file}:{name}"
    if step in trail:
        raise ComposeCycle("extends", [*trail, step])
    base_name = (wanted.get("service") or wanted).text
    elsewhere = wanted.get("file")
    where = at(wanted.place)
    if elsewhere is None or not elsewhere.text:
        pool, source = services, file
    else:
        # The path was anchored to the project's directory when its file was read.
        source = reading.directory / elsewhere.text
        if not source.is_file():
            raise ComposeReferenceMissing(where, f"the file `{elsewhere.text}`")
        pool = _pool(source, reading)
    if base_name not in pool:
        raise ComposeReferenceMissing(where, f"the service `{base_name}`", sorted(pool))
    base = _based(base_name, pool, source, reading, (*trail, step))
    return merged(base, own.without("extends"), ("services", name))


def _pool(file: Path, reading: Reading) -> Mapping[str, Node]:
    found: dict[str, Node] = {}
    for document in documents(file, reading):
        found |= document.entries("services")
    return found


def _active(model: Node, profiles: Iterable[str] | None) -> Node:
    services = model.get("services")
    if services is None:
        return model
    kept = {name: one for name, one in services.keys.items() if isinstance(one.value, dict)}
    if profiles is not None:
        wanted = set(profiles)
        kept = {name: one for name, one in kept.items() if _starts(one, wanted)}
    return replace(model, value={**model.keys, "services": replace(services, value=kept)})


def _starts(service: Node, wanted: set[str]) -> bool:
    asked = service.get("profiles")
    names = {one.text for one in asked.items} if asked else set()
    return not names or "*" in wanted or bool(names & wanted)
