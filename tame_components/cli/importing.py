"""`tame import`: from Compose files to settings."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tame_components.cli import NOT_WELL, OK
from tame_components.cli.screen import note, say, say_json
from tame_components.compose.adopting import Step, adoption
from tame_components.compose.carried import Lost
from tame_components.compose.errors import WouldOverwrite
from tame_components.compose.importing import Imported, import_project
from tame_components.compose.loading import load
from tame_components.compose.settings_file import settings_file
from tame_components.ops.errors import CannotWrite


@dataclass(frozen=True, slots=True)
class Options:
    """What to call it, where to put it, and how to print."""

    stack: str | None
    output: Path | None
    env_files: Sequence[Path]
    adopt: bool
    force: bool
    json: bool


def run(cwd: Path, files: Sequence[Path], options: Options) -> int:
    """Write the settings and print the rest; 3 where they cannot be previewed yet."""
    project = load(
        [cwd / file for file in files], env_files=[cwd / file for file in options.env_files]
    )
    imported = import_project(project, options.stack)
    output = cwd / (options.output or Path(f"Pulumi.{imported.stack}.yaml"))
    _write(output, settings_file(imported), force=options.force)
    plan = adoption(imported, project) if options.adopt else ()
    if options.json:
        say_json(_data(imported, plan, output))
    else:
        for line in _text(imported, plan, output):
            say(line)
    if imported.problem is not None:
        note(f"not yet: {imported.problem}")
        return NOT_WELL
    return OK


def _write(path: Path, text: str, *, force: bool) -> None:
    """Write *text*; running it twice is no conflict."""
    try:
        if path.exists() and not force and path.read_text("utf-8") != text:
            raise WouldOverwrite(str(path))
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotWrite(str(path), error.strerror or str(error)) from error


def _text(imported: Imported, plan: Sequence[Step], output: Path) -> Iterator[str]:
    names = ", ".join(imported.settings["services"])
    yield f"wrote {output}: stack {imported.stack} with {names}"
    yield from _part("not carried", (_lost(one) for one in imported.lost))
    rules = sorted({f"{one.rule.name} ({one.rule.id})" for one in imported.broken})
    yield from _part("rules that the Compose file broke", rules)
    secrets = (f"{one.source}: {one.command or 'no place for it'}" for one in imported.secrets)
    yield from _part("secrets; none was written", secrets)
    yield from _part("to do", (f"{one.key}: {one.what}" for one in imported.todo))
    if plan:
        yield from _part("to adopt the running stack, by hand and in this order", _steps(plan))
    yield ""
    yield f"next: read {output.name}, then `pulumi preview -s {imported.stack}`"


def _part(title: str, lines: Sequence[str] | Iterator[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from ("", f"{title}:", *(f"  {line}" for line in found))


def _lost(one: Lost) -> str:
    who = f"{one.service}: " if one.service else ""
    return f"{who}{one.what}: {one.why}"


def _steps(plan: Sequence[Step]) -> Iterator[str]:
    for number, step in enumerate(plan, 1):
        who = f"{step.service}: " if step.service else ""
        yield f"{number}. {step.kind}: {who}{step.what}"
        if step.command:
            yield f"     {step.command}"


def _data(imported: Imported, plan: Sequence[Step], output: Path) -> dict[str, Any]:
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
        "plan": [asdict(one) for one in plan],
        "previews": imported.problem is None,
    }
