"""`tame config`: what must I type? One list, then one question at a time."""

import secrets
from pathlib import Path

from tame_components.cli import NOT_WELL, OK
from tame_components.cli.questions import agreed, answered, somebody_answers
from tame_components.cli.screen import note, say, say_json
from tame_components.ops.errors import PulumiFailed
from tame_components.ops.missing import ROOT_SECRET, Missing, missing
from tame_components.ops.project import Project, StackFile, find_project
from tame_components.ops.pulumi_cli import PulumiCli


_ROOT_BYTES = 32


def run(cwd: Path, stack: str | None, *, as_json: bool, generate: bool) -> int:
    """List what is missing, ask for it where somebody can answer; 0 where nothing is left."""
    project = find_project(cwd)
    settings = project.stack_file(stack)
    if generate and ROOT_SECRET not in settings.secrets:
        _store(
            project, settings.stack, ROOT_SECRET, secrets.token_urlsafe(_ROOT_BYTES), secret=True
        )
        note(f"made `{ROOT_SECRET}` and stored it encrypted; show it with `{_show(settings)}`")
        settings = project.stack_file(settings.stack)
    items = missing(settings)
    if as_json:
        say_json({"version": 1, "stack": settings.stack, "missing": [_plain(one) for one in items]})
    else:
        _list(settings, items)
        if somebody_answers():
            settings = _ask(project, settings, items)
            items = missing(settings)
    return NOT_WELL if any(not one.optional for one in items) else OK


def _show(stack: StackFile) -> str:
    return f"pulumi config get {ROOT_SECRET} -s {stack.stack}"


def _plain(one: Missing) -> dict[str, object]:
    return one.model_dump(mode="json")


def _list(stack: StackFile, items: tuple[Missing, ...]) -> None:
    required = sum(not one.optional for one in items)
    if required:
        say(f"stack {stack.stack}: {required} to supply")
    else:
        say(f"stack {stack.stack}: nothing is missing; next: `pulumi up -s {stack.stack}`")
    for number, one in enumerate(items, 1):
        say()
        say(f"{number}. {one.key}{' (optional)' if one.optional else ''}")
        say(f"   {one.what}")
        say(f"   {one.command}")


def _ask(project: Project, stack: StackFile, items: tuple[Missing, ...]) -> StackFile:
    """One question for each value that Pulumi stores; an empty answer leaves it for later."""
    for one in items:
        if one.kind == "host":
            continue
        note("")
        if one.can_generate and agreed(f"{one.key}: make one now?", default=True):
            answer = secrets.token_urlsafe(_ROOT_BYTES)
        elif one.from_file:
            answer = _content(
                answered(f"{one.key}: the file that holds it (empty: later)", hidden=False)
            )
        else:
            answer = answered(f"{one.key} (empty: later)", hidden=one.kind == "secret")
        if answer:
            _store(project, stack.stack, one.key, answer, secret=one.kind == "secret")
    return project.stack_file(stack.stack)


def _content(path: str) -> str:
    """What the file at *path* holds; nothing where there is no path, or no such file."""
    if not path:
        return ""
    try:
        return Path(path).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        note(f"not readable: {type(error).__name__}; asked again at the next call")
        return ""


def _store(project: Project, stack: str, key: str, value: str, *, secret: bool) -> None:
    """Let Pulumi store *value*, which goes through a pipe: arguments are visible to everybody.

    Raises:
        PulumiMissing: there is no `pulumi`.
        PulumiFailed: it refused.
    """
    flags = ("--secret" if secret else "--plaintext", "--path", key)
    said = PulumiCli(project.root).run("config", "set", "--stack", stack, *flags, given=value)
    if not said.well:
        raise PulumiFailed(key, said.why.replace(value, "***"))
