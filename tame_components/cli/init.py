"""`tame init`: a project for somebody who has the package and no clone."""

import shutil
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from tame_components.cli import OK
from tame_components.cli.screen import note, say
from tame_components.ops.durable import writing
from tame_components.ops.errors import FolderOccupied


_PARTS = ("Pulumi.yaml", "Pulumi.sandbox.yaml", "Pulumi.prod.yaml", "stacks", "policies")
"""The dev stack is not among them: its stand-ins are built from a clone."""

_IGNORED = "/.venv/\n__pycache__/\n"
_NEXT = """\
made a project in {folder}

next:
  1. read and change Pulumi.sandbox.yaml: data root, config root, services, VPN
  2. cd {folder} && pulumi install && pulumi stack init sandbox
  3. tame config sandbox      what is still missing, one question each
  4. pulumi preview -s sandbox --policy-pack policies
  5. pulumi up -s sandbox --policy-pack policies && tame status sandbox"""


def run(folder: Path) -> int:
    """Fill *folder*; a file that is there already and differs stops everything."""
    wanted = _wanted()
    taken = [
        name
        for name, content in wanted.items()
        if (folder / name).exists() and not _same(folder / name, content)
    ]
    if taken:
        raise FolderOccupied(str(folder), taken)
    with writing(folder):
        for name, content in wanted.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    say(_NEXT.format(folder=folder))
    if shutil.which("pulumi") is None:
        note("`pulumi` is not on PATH yet: https://www.pulumi.com/docs/install")
    return OK


def _same(place: Path, content: bytes) -> bool:
    return place.is_file() and place.read_bytes() == content


def _wanted() -> dict[str, bytes]:
    """Relative path -> content."""
    template = _template()
    found = {
        "requirements.txt": f"tame-media=={version('tame-media')}\n".encode(),
        ".gitignore": _IGNORED.encode(),
    }
    for part in _PARTS:
        for file in sorted([template / part, *(template / part).rglob("*")]):
            if file.is_file() and "__pycache__" not in file.parts:
                found[str(file.relative_to(template))] = file.read_bytes()
    return found


def _template() -> Path:
    """The wheel's copy; in a clone the repository itself, which the wheel's copy is made from."""
    package = Path(str(files("tame_components")))
    shipped = package / "template"
    return shipped if shipped.is_dir() else package.parent
