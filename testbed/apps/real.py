"""The way in of images whose service is the real program: puts right what its version lacks."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType


_ADJUSTED = Path("/tmp/adjusted.yml")  # noqa: S108 - of the container
_NEWER = re.compile(
    r"^(\s*(?:- )?)(webhook_url|bot_token|url)_file: *['\"]?([^'\"\n]+)['\"]?$", re.MULTILINE
)
_RETENTION = re.compile(
    r"^storage:\n +tsdb:\n +retention:\n +time: *['\"]?(\w+)['\"]?\n", re.MULTILINE
)


def main(app: str, program: str, arguments: Sequence[str]) -> int:
    """Becomes *program*; does not return unless that fails."""
    adjust = ADJUST.get(app)
    given = adjust(arguments) if adjust else arguments
    os.execv(program, [program, *given])  # noqa: S606 - no shell is meant


def alertmanager(arguments: Sequence[str], adjusted: Path = _ADJUSTED) -> list[str]:
    """Debian's 0.25 takes Discord's, Telegram's and webhooks' secrets only in its configuration.

    The pin reads them from files (prometheus/alertmanager, docs/configuration.md:
    `webhook_url_file`, `bot_token_file`, `url_file`).
    """
    kept = list(arguments)
    for position, argument in enumerate(arguments):
        flag, _, path = argument.partition("=")
        if flag.lstrip("-") == "config.file":
            text = Path(path).read_text("utf-8")
            adjusted.write_text(_NEWER.sub(_inlined, text), "utf-8")
            kept[position] = f"{flag}={adjusted}"
    return kept


def prometheus(arguments: Sequence[str], adjusted: Path = _ADJUSTED) -> list[str]:
    """Debian's 2.42 takes the retention as a flag, and the pin in its configuration.

    prometheus/prometheus, docs/configuration/configuration.md (`storage.tsdb.retention`, 3.x).
    """
    kept = list(arguments)
    for position, argument in enumerate(arguments):
        flag, _, path = argument.partition("=")
        if flag.lstrip("-") != "config.file":
            continue
        text = Path(path).read_text("utf-8")
        if found := _RETENTION.search(text):
            adjusted.write_text(_RETENTION.sub("", text), "utf-8")
            kept[position] = f"{flag}={adjusted}"
            kept.append(f"--storage.tsdb.retention.time={found[1]}")
    return kept


def caddy(arguments: Sequence[str]) -> list[str]:
    """The image has no entry point: its command, `caddy run ...`, names the program itself."""
    return list(arguments[1:] if arguments[:1] == ["caddy"] else arguments)


def _inlined(match: re.Match[str]) -> str:
    indent, key, path = match.groups()
    return f"{indent}{key}: '{Path(path).read_text('utf-8').strip()}'"


ADJUST: Mapping[str, Callable[[Sequence[str]], list[str]]] = MappingProxyType(
    {"alertmanager": alertmanager, "prometheus": prometheus, "static-server": caddy}
)
"""By the application's name in the catalog."""
