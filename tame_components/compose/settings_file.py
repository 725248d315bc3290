"""`Pulumi.<stack>.yaml` of an import, with what is left to do on top; never a secret."""

from collections.abc import Iterator

import yaml

from tame_components.compose.importing import Imported


_ORDER = (
    *("environment", "rehearsal", "engine", "timezone", "data", "config_root", "network"),
    *("identity", "exposure", "vpn", "gpu", "backup", "services", "protect", "exemptions"),
)
_WIDE = 1000


def settings_file(imported: Imported) -> str:
    """The whole file."""
    lines = [
        f"# From `{imported.file}`, by `tame import`. docs/reference/settings.md has every key.",
        *_comments("To do before `pulumi up`", (f"{one.key}: {one.what}" for one in imported.todo)),
        *_comments(
            "Secrets, which never stand here in plain",
            (f"{one.source}: {one.command or 'no place for it'}" for one in imported.secrets),
        ),
        "config:",
        "  pulumi:disable-default-providers: [command, docker]",
    ]
    for key in _ORDER:
        if key in imported.settings:
            lines += _entry(f"tame:{key}", imported.settings[key])
    return "\n".join(lines) + "\n"


def _comments(title: str, notes: Iterator[str]) -> list[str]:
    found = [f"#   {note}".replace("\n", " ") for note in notes]
    return [f"# {title}:", *found] if found else []


def _entry(key: str, value: object) -> list[str]:
    flow = None if isinstance(value, dict) and value else False
    text = yaml.safe_dump(
        {key: value}, sort_keys=False, default_flow_style=flow, width=_WIDE, allow_unicode=True
    )
    return [f"  {line}" for line in text.rstrip().splitlines()]
