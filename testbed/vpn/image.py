"""The images of the VPN rehearsal, made of this machine's own programs; nothing is pulled."""

import contextlib
import hashlib
import io
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import docker
import docker.errors

from testbed.images.layer import cache
from testbed.images.programs import TUNNEL, ensure, find
from testbed.vpn.gluetun import FOLLOWS


GLUETUN_PIN: Final = FOLLOWS
WAN_IMAGE: Final = "tame.invalid/testbed-wan:1"
_TESTBED: Final = Path(__file__).resolve().parents[1]
_PROBE: Final = "--interval=5s --timeout=5s --start-period=10s --retries=3"
_LIBRARY: Final = re.compile(r"(?:=> )?(/\S+) \(0x")
_UNUSED: Final = {
    *("test", "idlelib", "tkinter", "ensurepip", "lib2to3", "pydoc_data", "distutils"),
    *("__pycache__", "turtledemo", "unittest", "site-packages", "dist-packages", "multiprocessing"),
    *("asyncio", "sqlite3", "dbm", "curses", "wsgiref", "xmlrpc", "venv", "xml", "pydoc.py"),
}
_TABLES: Final = ("xtables-nft-multi", "xtables-legacy-multi")
_ENTRYPOINT: Final = """#!/bin/sh
# `healthcheck` is asked every few seconds: it must not start an interpreter
address="${HEALTH_SERVER_ADDRESS:-127.0.0.1:9999}"
case "${1:-}" in
healthcheck) exec wget -q -t 1 -T 1 -O /dev/null "http://127.0.0.1:${address##*:}/" ;;
"") exec python3 -S -m testbed.vpn.gluetun ;;
*) echo "ERROR command is unknown: $1"; exit 1 ;;
esac
"""
_LINKS: Final = {
    "bin": "usr/bin",
    "sbin": "usr/sbin",
    "lib": "usr/lib",
    "lib64": "usr/lib64",
    "var/run": "/run",
    "usr/sbin/iptables": "xtables-nft-multi",
    "usr/sbin/ip6tables": "xtables-nft-multi",
    "usr/sbin/iptables-nft": "xtables-nft-multi",
    "usr/sbin/ip6tables-nft": "xtables-nft-multi",
    "usr/sbin/iptables-legacy": "xtables-legacy-multi",
    "usr/sbin/ip6tables-legacy": "xtables-legacy-multi",
}


@dataclass(frozen=True, slots=True)
class Rootfs:
    """What an image needs, by its place on this machine and in the image."""

    files: dict[str, Path]
    """Path in the image, without the leading slash, to the file here; libraries included."""
    texts: dict[str, str]
    """Path in the image to a text that becomes an executable file."""
    links: dict[str, str]
    """Path in the image to the target of a symbolic link."""
    instructions: tuple[str, ...]
    """The Dockerfile's lines after `FROM scratch` and the files."""

    def digest(self) -> str:
        """Changes when any file, text or instruction does."""
        sha = hashlib.sha256()
        for target, source in sorted(self.files.items()):
            state = source.stat()
            content = source.read_bytes() if _TESTBED in source.parents else b""
            sha.update(f"{target} {state.st_size} {state.st_mtime_ns}".encode() + content)
        sha.update(repr((self.texts, self.links, self.instructions)).encode())
        return sha.hexdigest()[:16]


def gluetun_rootfs(say: Callable[[str], None] = lambda _: None) -> Rootfs:
    """What the stand-in of gluetun needs: interpreter, WireGuard, iptables, ip, wget.

    Raises:
        ProgramsMissing: A program is not installed here, and cannot be installed from here.
    """
    ensure(TUNNEL, say)
    return Rootfs(
        files=_files(),
        texts={"gluetun-entrypoint": _ENTRYPOINT},
        links=_LINKS,
        instructions=(
            "ENV PATH=/usr/sbin:/usr/bin PYTHONHOME=/usr PYTHONPATH=/usr/lib/tame",
            "LABEL tame.stand-in=gluetun tame.fidelity=api",
            "EXPOSE 8000/tcp",
            'ENTRYPOINT ["/gluetun-entrypoint"]',
            f"HEALTHCHECK {_PROBE} CMD /gluetun-entrypoint healthcheck",
        ),
    )


def wan_rootfs(say: Callable[[str], None] = lambda _: None) -> Rootfs:
    """What the provider's server and the witness need: the same files, another way in."""
    same = gluetun_rootfs(say)
    instructions = (
        same.instructions[0],
        "LABEL tame.testbed=wan",
        'CMD ["python3", "-S", "-m", "testbed.vpn.wan.witness"]',
    )
    return Rootfs(same.files, {}, same.links, instructions)


def _files() -> dict[str, Path]:
    made = {**_programs(), **_python()}
    libraries = _libraries(made.values())
    return {**made, **libraries, **_plugins(libraries), **_modules()}


def _programs() -> dict[str, Path]:
    # no busybox: its static resolver crashes where a shared libc lies beside it
    names = ("wireguard-go", "wg", "ip", "wget", "sh", "cat", "sleep", *_TABLES)
    return {f"usr/{'sbin' if name in _TABLES else 'bin'}/{name}": find(name) for name in names}


def _plugins(libraries: dict[str, Path]) -> dict[str, Path]:
    """The matches and targets of iptables, which it loads by name at run time."""
    folder = next(path for path in libraries.values() if "libxtables" in path.name).parent
    return {_merged(plugin): plugin for plugin in (folder / "xtables").glob("*.so")}


def _python() -> dict[str, Path]:
    """The interpreter that runs this, and the part of its library that the programs import."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    found = {"usr/bin/python3": Path(sys.executable).resolve()}
    for source in _walk(stdlib):
        found[f"usr/lib/{stdlib.name}/{source.relative_to(stdlib)}"] = source
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name in _UNUSED or entry.name.startswith(("config-", "_sqlite", "_curses")):
            continue
        if entry.is_dir():
            yield from _walk(entry)
        elif entry.suffix in {".py", ".so"}:
            yield entry


def _modules() -> dict[str, Path]:
    ours = [_TESTBED / "__init__.py", _TESTBED / "vpn" / "__init__.py"]
    for package in ("gluetun", "wan"):
        ours += sorted((_TESTBED / "vpn" / package).glob("*.py"))
    return {f"usr/lib/tame/testbed/{path.relative_to(_TESTBED)}": path for path in ours}


def _libraries(sources: Iterable[Path]) -> dict[str, Path]:
    """The shared libraries of those *sources* that are programs or extension modules."""
    binaries = [source for source in sources if source.suffix != ".py"]
    found = _LIBRARY.findall(_linked(binaries))
    return {_merged(Path(place)): Path(place).resolve() for place in found}


def _linked(binaries: list[Path]) -> str:
    """What ldd says of *binaries*: 0.3 s or more, and the same until one of them changes."""
    states = "".join(f"{one} {one.stat().st_size} {one.stat().st_mtime_ns}\n" for one in binaries)
    kept = cache() / f"ldd-{hashlib.sha256(states.encode()).hexdigest()[:16]}"
    with contextlib.suppress(OSError):
        return kept.read_text("utf-8")
    done = subprocess.run(("ldd", *binaries), capture_output=True, text=True, check=False)
    beside = kept.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    with contextlib.suppress(OSError):  # a full disk costs the time again, and nothing else
        beside.write_text(done.stdout, "utf-8")
        beside.replace(kept)
    return done.stdout


def _merged(place: Path) -> str:
    """Where the image's loader finds *place*: in `/usr/lib`, which is also `/lib` there."""
    inside = re.sub(r"^/(?:usr/)?", "", str(place))
    return f"usr/{inside}" if inside.startswith("lib") else f"usr/lib/{place.name}"


def build(host: str, name: str, rootfs: Rootfs, say: Callable[[str], None] = lambda _: None) -> str:
    """Makes the image *name* on the engine at *host* unless it is there already; its name."""
    client = docker.DockerClient(base_url=host)
    try:
        digest = rootfs.digest()
        try:
            if client.images.get(name).labels.get("tame.content") == digest:
                return name
        except docker.errors.ImageNotFound:
            pass
        say(f"building {name}")
        client.images.build(
            fileobj=_context(rootfs, digest), custom_context=True, tag=name, rm=True, forcerm=True
        )
    finally:
        client.close()
    return name


def _context(rootfs: Rootfs, digest: str) -> io.BytesIO:
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        for folder in ("tmp", "run", "run/secrets", "proc", "sys", "dev", "etc", "etc/wan"):
            _add(tar, folder, tarfile.DIRTYPE, mode=0o1777 if folder == "tmp" else 0o755)
        for target, link in rootfs.links.items():
            _add(tar, target, tarfile.SYMTYPE, link=link)
        for target, text in rootfs.texts.items():
            _add(tar, target, tarfile.REGTYPE, content=text.encode(), mode=0o755)
        for target, source in sorted(rootfs.files.items()):
            mode = 0o755 if os.access(source, os.X_OK) else 0o644
            _add(tar, target, tarfile.REGTYPE, content=source.read_bytes(), mode=mode)
    dockerfile = ["FROM scratch", "ADD rootfs.tar /", *rootfs.instructions]
    dockerfile.append(f"LABEL tame.content={digest}")
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        _add(tar, "Dockerfile", tarfile.REGTYPE, content="\n".join(dockerfile).encode())
        _add(tar, "rootfs.tar", tarfile.REGTYPE, content=layer.getvalue())
    context.seek(0)
    return context


def _add(
    tar: tarfile.TarFile,
    name: str,
    kind: bytes,
    *,
    content: bytes = b"",
    link: str = "",
    mode: int = 0o644,
) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname, entry.mode, entry.size = kind, link, mode, len(content)
    tar.addfile(entry, io.BytesIO(content))
