"""docs/troubleshooting.md: one entry for each error code.

What an error means stands in its class; why it happens and what to do stands in
docs/troubleshooting.d, under the name of the class.
"""

import importlib
import inspect
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from docs.generator import markdown as md
from tame_components.domain.errors import Mistake, TameError


ROOT = Path(__file__).parents[2]
TEXTS = ROOT / "docs" / "troubleshooting.d"

_FOLDERS = ("tame_components", "testbed", "ci", "bench")
_CODE = re.compile(r'^    code(?:: ClassVar\[str\])? = "TAME\d', re.MULTILINE)

_FAMILIES = {
    "1": "The catalog",
    "2": "Settings",
    "3": "Services that do not fit together",
    "4": "The doctrine",
    "5": "The machine and its Docker engine",
    "6": "Deployments",
    "7": "Rehearsals and their tools",
    "8": "Compose files, snapshots, pins, gates and promotions",
}

_INTRODUCTION = """\
# Troubleshooting

An error of TAME has three parts: what is wrong, with what was got and what is allowed; a line that
starts with `hint:`; and a code. This page has an entry for each code. `tame explain TAME302` has
the short version in the terminal, except for the codes of rehearsals (TAME7xx).

What TAME itself finds wrong, it finds before anything changes. Interrupting is safe: run the same
command again. No message contains a secret.

When a stack is up and something in it does not work, start with `tame doctor`. The [last
part](#without-a-code) of this page is for what has no code.
"""


@cache
def classes() -> tuple[type[TameError], ...]:
    """Every error with a code, by code."""
    files = [file for folder in _FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    modules = [
        importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
        for file in files
        if _CODE.search(file.read_text("utf-8"))
    ]
    found = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, TameError) and "code" in vars(value)
    }
    return tuple(sorted(found, key=lambda error: (error.code, error.__module__)))


@cache
def entries() -> Mapping[str, Mapping[str, Any]]:
    """By name of the class: `example` (arguments of the constructor), `causes` and `do`."""
    found: dict[str, Mapping[str, Any]] = {}
    for file in sorted(TEXTS.glob("*.toml")):
        found |= tomllib.loads(file.read_text("utf-8"))
    return found


def mistakes() -> Iterator[str]:
    """Codes without an entry, entries without a code, and codes or names that two classes share."""
    names = Counter(error.__name__ for error in classes())
    for code, count in Counter(error.code for error in classes()).items():
        if count > 1:
            sharing = [_place(error) for error in classes() if error.code == code]
            yield f"{' and '.join(sharing)} share the code `{code}`"
    for name in sorted(name for name, count in names.items() if count > 1):
        yield f"two errors are called `{name}`"
    for error in classes():
        if error.__name__ not in entries():
            yield f"{_place(error)} (`{error.code}`) has no entry in docs/troubleshooting.d"
    for name in sorted(set(entries()) - set(names)):
        yield f"docs/troubleshooting.d has an entry of `{name}`, which is no error"


def _place(error: type[TameError]) -> str:
    return f"`{error.__module__}.{error.__name__}`"


def page() -> str:
    """The whole page."""
    parts = [md.notice("the error classes and docs/troubleshooting.d"), *_INTRODUCTION.split("\n")]
    for digit, title in _FAMILIES.items():
        family = [error for error in classes() if error.code.startswith(f"TAME{digit}")]
        if family:
            parts += [f"## {title}", ""]
            parts += md.table(("code", "what it says"), map(_index, family))
            parts += [line for error in family for line in _entry(error)]
    parts += (TEXTS / "without-a-code.md").read_text("utf-8").split("\n")
    return md.document(parts)


def _summary(error: type[TameError]) -> str:
    return (inspect.getdoc(error) or "").split("\n\n")[0].replace("\n", " ")


def _index(error: type[TameError]) -> tuple[str, str]:
    return f"[{error.code}](#{error.code.lower()})", _summary(error)


def _entry(error: type[TameError]) -> Iterator[str]:
    entry = entries().get(error.__name__, {})
    yield from (f"### {error.code}", "", _summary(error), "")
    if "example" in entry:
        yield from ("```text", f"error: {example(error, entry['example'])}", "```", "")
    yield from ("**Why it happens**", "", *md.lines(entry.get("causes", ())))
    yield from ("**What to do**", "", *md.lines(entry.get("do", ()), "1."))


def example(error: type[TameError], arguments: Mapping[str, Any]) -> TameError:
    """The error as a person would see it, made from *arguments* of TOML's types."""
    hints = get_type_hints(error.__init__)
    return error(**{name: _typed(value, hints[name]) for name, value in arguments.items()})


def _typed(value: Any, hint: Any) -> Any:  # noqa: ANN401 - whatever the constructor takes
    if hint is Path:
        return Path(value)
    if Mistake in getattr(hint, "__args__", ()):
        return [Mistake(**one) for one in value]
    return value
