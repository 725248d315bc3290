"""A program with the shared libraries that it loads, as files of an image."""

import re
import subprocess
from pathlib import Path
from typing import Final

from testbed.images.layer import Tree


_LIBRARY: Final = re.compile(r"(?:(\S+) => )?(/\S+) \(0x")
_SYSTEM: Final = ("lib/", "lib64/", "usr/lib/", "usr/lib64/")
LINKS: Final = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64"}
"""As every current distribution has it; the base layer makes them."""


def add_program(tree: Tree, source: Path, target: str, without: frozenset[str]) -> None:
    """Puts *source* at *target*, and its libraries where the loader looks for them.

    Args:
        tree: What it is added to.
        source: An ELF file of this machine.
        target: Path in the image.
        without: Paths that a layer below has already.
    """
    tree.file(target, source.resolve(), mode=0o755)
    for path, library in libraries(source).items():
        if path not in without and path not in tree:
            tree.file(path, library, mode=0o755)


def libraries(source: Path) -> dict[str, Path]:
    """Path in the image -> file here, for all that *source* loads; empty for a static program."""
    said = subprocess.run(("ldd", source), capture_output=True, text=True, check=False).stdout
    found = [(name or place, place) for name, place in _LIBRARY.findall(said)]
    home = next((Path(place).parent for name, place in found if name.startswith("libc.so")), None)
    return {_inside(name, place, home): Path(place).resolve() for name, place in found}


def _inside(name: str, place: str, home: Path | None) -> str:
    """System libraries keep their place; others (an interpreter's own) go beside the C library."""
    path = place.lstrip("/")
    if not path.startswith(_SYSTEM) and home is not None:
        path = f"{home}/{Path(name).name}".lstrip("/")
    return path if path.startswith("usr/") else f"usr/{path}"
