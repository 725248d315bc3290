"""Which processes run, told by their command lines: pid files go stale, command lines do not."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path


def processes() -> Iterator[tuple[int, list[str]]]:
    """Every process that has a command line: its id and its arguments."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            argv = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:  # it ended meanwhile
            continue
        if argv[0]:
            yield int(entry.name), argv


def process_with(program: str, argument: str) -> int | None:
    """The id of a process of *program* that was given *argument*, or None."""
    for pid, argv in processes():
        if Path(argv[0]).name == program and argument in argv:
            return pid
    return None


def same_network(pid: int) -> bool:
    """Whether the process shares this one's network namespace, and so its firewall."""
    try:
        return Path(f"/proc/{pid}/ns/net").readlink() == Path("/proc/self/ns/net").readlink()
    except OSError:  # it ended, or belongs to somebody else
        return False


def ended(pid: int) -> bool:
    """Whether the process is gone, or is a zombie that only waits for its parent."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


def spawn_detached(command: list[str], log: Path) -> int:
    """Starts *command* in a session of its own, its output in *log*; returns its process id.

    It outlives this process and its terminal: a Ctrl-C meant for `make` does not reach it.

    Raises:
        FileNotFoundError: The program is not on PATH.
    """
    program = shutil.which(command[0])
    if program is None:
        raise FileNotFoundError(command[0])
    writing = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return os.posix_spawn(
        program,
        command,
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), writing, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
