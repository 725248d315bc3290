"""The base layer: the interpreter that runs this, under a prefix that is on no PATH."""

import ast
import json
import os
import py_compile
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Final

from testbed.images.closure import LINKS, add_program, libraries
from testbed.images.layer import Tree


PREFIX: Final = "opt/stand-in"
CODE: Final = f"{PREFIX}/app"
"""Where the image has `testbed.apps`."""
APPS: Final = Path(__file__).resolve().parents[1] / "apps"

_ALSO: Final = (
    "site",
    "encodings.idna",
    "encodings.latin_1",
    "encodings.utf_8",
    "_strptime",
    "traceback",
    "urllib.request",
    "pathlib",
    "shutil",
    "subprocess",
)
"""What the library imports late, and what a test may want to run inside a container."""
_WITHOUT: Final = ("_hashlib", "_ssl", "ssl", "_bz2", "bz2", "_lzma", "lzma", "_uuid")
"""Optional parts of the library: they would bring OpenSSL into every process's memory."""
_TELL: Final = """
import importlib, json, sys
names, without = json.loads(sys.argv[1])
sys.modules.update(dict.fromkeys(without))
for name in names:
    importlib.import_module(name)
files = [getattr(module, "__file__", None) for module in sys.modules.values()]
print(json.dumps(sorted({file for file in files if file})))
"""
_SHIM: Final = b'''"""All that the stand-ins need of the package of this name."""


def override(method):
    """Says that a base class declares *method* too."""
    return method
'''
_FOLDERS: Final = ("dev", "proc", "sys", "run", "run/secrets", "var", "usr/bin", "usr/sbin", "root")
_FILES: Final = {
    "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nabc:x:911:911::/config:/bin/false\n"
    b"nobody:x:65534:65534:nobody:/:/bin/false\n",
    "etc/group": b"root:x:0:\nabc:x:911:\nnogroup:x:65534:\n",
    "etc/nsswitch.conf": b"passwd: files\ngroup: files\nhosts: files dns\n",
}
_ZONES: Final = Path("/usr/share/zoneinfo")


def python() -> Path:
    """The interpreter, outside of any virtual environment."""
    return Path(sys.executable).resolve()


def fill_base(tree: Tree) -> None:
    """Folders, users, time zones, the interpreter and the modules that the stand-ins import."""
    for name in _FOLDERS:
        tree.folder(name)
    tree.folder("tmp", mode=0o1777)
    tree.link("var/run", "/run")
    for path, target in LINKS.items():
        tree.link(path, target)
    for path, content in _FILES.items():
        tree.file(path, content)
    add_program(tree, python(), f"{PREFIX}/bin/python3", frozenset())
    _add_unwinder(tree)
    _add_library(tree)
    _add_zones(tree)


def fill_code(tree: Tree) -> None:
    """The stand-ins, with their byte code: an image cannot write it at the first start."""
    with tempfile.TemporaryDirectory() as scratch:
        sources = {"testbed/__init__.py": APPS.parent / "__init__.py"}
        sources |= {f"testbed/apps/{path.name}": path for path in sorted(APPS.glob("*.py"))}
        for path, source in sources.items():
            _add_module(tree, f"{CODE}/{path}", source.read_bytes(), Path(scratch))
        _add_module(tree, f"{CODE}/typing_extensions.py", _SHIM, Path(scratch))


def imported() -> list[str]:
    """The standard library's modules that the stand-ins import, anywhere."""
    found: set[str] = set()
    for path in APPS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
    return sorted(name for name in found if name.split(".")[0] in sys.stdlib_module_names)


def _add_unwinder(tree: Tree) -> None:
    """What the C library loads, unseen by `ldd`, when a thread of a process that ends is ended."""
    for path, library in libraries(python()).items():
        unwinder = library.with_name("libgcc_s.so.1")
        if "/libc.so" in path and unwinder.exists():
            tree.file(f"{path.rpartition('/')[0]}/libgcc_s.so.1", unwinder.resolve(), mode=0o755)


def _add_library(tree: Tree) -> None:
    """What those modules load, found by loading them."""
    wanted = json.dumps([[*imported(), *_ALSO], _WITHOUT])
    told = subprocess.run(
        (python(), "-I", "-S", "-c", _TELL, wanted), capture_output=True, text=True, check=True
    )
    stdlib = Path(sysconfig.get_path("stdlib")).resolve()
    home = f"{PREFIX}/lib/python{sysconfig.get_python_version()}"
    with tempfile.TemporaryDirectory() as scratch:
        for name in json.loads(told.stdout):
            path = Path(name).resolve()
            target = f"{home}/{path.relative_to(stdlib)}"
            if path.suffix == ".py":
                _add_module(tree, target, path.read_bytes(), Path(scratch))
            else:
                _add_extension(tree, target, path)


def _add_extension(tree: Tree, target: str, path: Path) -> None:
    tree.file(target, path, mode=0o755)
    for place, library in libraries(path).items():
        if place not in tree:
            tree.file(place, library, mode=0o755)


def _add_module(tree: Tree, target: str, source: bytes, scratch: Path) -> None:
    tree.file(target, source)
    plain, compiled = scratch / "module.py", scratch / "module.pyc"
    plain.write_bytes(source)
    py_compile.compile(
        str(plain),
        str(compiled),
        dfile=f"/{target}",
        doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    folder, _, name = target.rpartition("/")
    tag = sys.implementation.cache_tag
    tree.file(f"{folder}/__pycache__/{name.removesuffix('.py')}.{tag}.pyc", compiled.read_bytes())


def _add_zones(tree: Tree) -> None:
    for folder, _, names in os.walk(_ZONES):
        if {"posix", "right"} & set(Path(folder).relative_to(_ZONES).parts):
            continue
        for name in names:
            path = Path(folder, name)
            if path.is_file():
                tree.file(str(path).lstrip("/"), path.resolve())
