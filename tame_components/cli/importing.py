"""`tame import`: from Compose files to settings."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tame_components.cli import NOT_WELL, OK
from tame_components.cli.screen import note, say, say_json
from tame_components.compose.carried import Lost
from tame_components.compose.errors import WouldOverwrite
from tame_components.compose.importing import Imported, import_project
from tame_components.compose.loading import Project, load
from tame_components.compose.settings_file import settings_file
from tame_components.ops.adopt.model import Old
from tame_components.ops.adopt.settings import standing, write


@dataclass(frozen=True, slots=True)
class Options:
    """What to call it, where to put it, what to take over, and how to print."""

    stack: str | None
    output: Path | None
    env_files: Sequence[Path]
    engine: str | None
    adopt: bool
    yes: bool
    old: Old
    force: bool
    json: bool


def run(cwd: Path, files: Sequence[Path], options: Options) -> int:
    """Write the settings and print the rest; 3 where they cannot be previewed yet."""
    places = [cwd / file for file in files]
    project = load(places, env_files=[cwd / file for file in options.env_files])
    imported = import_project(project, options.stack, options.engine)
    if options.adopt:
        return _adopt(cwd, places, project, imported, options)
    output = cwd / (options.output or Path(f"Pulumi.{imported.stack}.yaml"))
    _write(output, imported, force=options.force)
    if options.json:
        say_json(data(imported, output))
    else:
        names = ", ".join(imported.settings["services"])
        say(f"wrote {output}: stack {imported.stack} with {names}")
        for line in notes(imported):
            say(line)
        say(f"\nnext: read {output.name}, then `pulumi preview -s {imported.stack}`")
    if imported.problem is not None:
        note(f"not yet: {imported.problem}")
        return NOT_WELL
    return OK


def _adopt(
    cwd: Path, files: Sequence[Path], project: Project, imported: Imported, options: Options
) -> int:
    from tame_components.cli import adopting  # noqa: PLC0415 - the engine is for this alone

    wanted = adopting.Wanted(files, options.yes, options.old, options.force, options.json)
    return adopting.run(cwd, imported, project, wanted)


def _write(path: Path, imported: Imported, *, force: bool) -> None:
    """Write the settings; running it twice is no conflict, and no secret is ever lost."""
    text = settings_file(imported)
    if path.exists() and not force and path.read_text("utf-8") != text:
        if standing(path, imported.stack, imported.settings).state == "same":
            return
        raise WouldOverwrite(str(path))
    write(path, text)


def notes(imported: Imported, *, secrets: bool = True) -> Iterator[str]:
    """What an import leaves to a person."""
    yield from _part("not carried", (_lost(one) for one in imported.lost))
    rules = sorted({f"{one.rule.name} ({one.rule.id})" for one in imported.broken})
    yield from _part("rules that the Compose file broke", rules)
    shown = [one for one in imported.secrets if secrets or not one.key]
    told = (f"{one.source}: {one.command or 'no place for it'}" for one in shown)
    yield from _part("secrets; none was written", told)
    yield from _part("to do", (f"{one.key}: {one.what}" for one in imported.todo))


def _part(title: str, lines: Sequence[str] | Iterator[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from ("", f"{title}:", *(f"  {line}" for line in found))


def _lost(one: Lost) -> str:
    who = f"{one.service}: " if one.service else ""
    return f"{who}{one.what}: {one.why}"


def data(imported: Imported, output: Path) -> dict[str, Any]:
    """The same for machines."""
    return {
        "version": 1,
        "stack": imported.stack,
        "file": str(output),
        "services": {name: app.name for name, (_, app) in imported.matched.items()},
        "lost": [asdict(one) for one in imported.lost],
        "todo": [asdict(one) for one in imported.todo],
        "secrets": [asdict(one) for one in imported.secrets],
        "broken": [
            {"rule": one.rule.name, "id": one.rule.id, "service": one.service or None}
            for one in imported.broken
        ],
        "plan": [],
        "previews": imported.problem is None,
    }
