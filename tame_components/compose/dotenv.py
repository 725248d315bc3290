"""Files of variables: `.env`, `--env-file`, and a service's `env_file`.

Source: docs.docker.com/compose/how-tos/environment-variables/variable-interpolation (syntax).
"""

import re
from collections.abc import Iterator, Mapping

from tame_components.compose.interpolation import Expanded, NotInterpolable, expand


_LINE = re.compile(r"\s*(?:export\s+)?([^\s=:#]+)\s*(?:[=:](.*))?", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "$": "$$"}


def parse(text: str, variables: Mapping[str, str], *, raw: bool = False) -> dict[str, Expanded]:
    """The variables of *text*; later lines see earlier ones.

    Args:
        text: of the file.
        variables: what is set already, for references.
        raw: `format: raw`: no quotes and no references.
    """
    found: dict[str, Expanded] = {}
    known = dict(variables)
    for name, value in _pairs(text.removeprefix("\ufeff"), raw=raw):
        if value is None:
            done = Expanded(known[name]) if name in known else Expanded(f"${{{name}}}", (name,))
        else:
            done = Expanded(value) if raw else _expanded(value, known)
        found[name] = done
        if not done.unknown:
            known.setdefault(name, done.text)
    return found


def _expanded(value: str, known: Mapping[str, str]) -> Expanded:
    try:
        return expand(value, known)
    except NotInterpolable:
        return Expanded(value.replace("$$", "$"))  # a password with a `$`: taken as it stands


def _pairs(text: str, *, raw: bool) -> Iterator[tuple[str, str | None]]:
    lines = iter(text.splitlines())
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        name, rest = match[1], match[2]
        if rest is None or raw:
            yield name, rest
            continue
        rest = rest.strip()
        if rest[:1] in {'"', "'"}:
            yield name, _quoted(rest, lines)
        else:
            yield name, re.sub(r"\s#.*$", "", rest).strip()


def _quoted(rest: str, lines: Iterator[str]) -> str:
    quote = rest[0]
    body = rest[1:]
    while (end := _closing(body, quote)) < 0:
        more = next(lines, None)
        if more is None:
            end = len(body)
            break
        body += f"\n{more}"
    inner = body[:end]
    if quote == "'":
        return inner.replace("$", "$$")  # taken as it stands
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], f"\\{m[1]}"), inner)


def _closing(body: str, quote: str) -> int:
    at = 0
    while at < len(body):
        if body[at] == "\\" and quote == '"':
            at += 2
            continue
        if body[at] == quote:
            return at
        at += 1
    return -1
