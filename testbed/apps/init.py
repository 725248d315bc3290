"""The first process of linuxserver's images, for what services and seeds notice of it.

Follows linuxserver/docker-baseimage-alpine, root/etc/s6-overlay/s6-rc.d: init-envfile,
init-adduser, init-custom-files, and s6's habits: a service that ends is started again after a
second while the container goes on; orphans are reaped; SIGTERM ends the service, then the
container, with code 0.
"""

import contextlib
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from testbed.apps.defaults import fill


_DEFAULT_ID = 911
_RESTART_SECONDS = 1.0
_SCRIPTS = Path("/custom-cont-init.d")
_OWNED = ("/app", "/config", "/defaults", "/temp")
_INTERPRETER = "/opt/stand-in/bin/python3"
_SERVE = (
    "import sys; sys.path.insert(0, '/opt/stand-in/app'); "
    "from testbed.apps.__main__ import main; sys.exit(main(sys.argv[1:]))"
)


def say(line: str) -> None:
    """One line of the init's own."""
    print(line, flush=True)


def read_files(environment: dict[str, str]) -> None:
    """init-envfile: `FILE__NAME=/path` becomes NAME with the file's content, line ends removed."""
    for name in sorted(environment):
        if not name.startswith("FILE__"):
            continue
        try:
            content = Path(environment[name]).read_text("utf-8")
        except OSError:
            say(f"[env-init] cannot find secret in {name}")
            continue
        target = name.removeprefix("FILE__")
        environment[target] = content.replace("\n", "")
        say(f"[env-init] {target} set from {name}")


def own(uid: int, gid: int) -> None:
    """init-adduser and init-<app>-config: `abc` gets the ids, and all of /config."""
    _name("/etc/passwd", f"abc:x:{uid}:{gid}::/config:/bin/false")
    _name("/etc/group", f"abc:x:{gid}:")
    for name in _OWNED:
        root = Path(name)
        if root.exists():
            for path in (root, *root.rglob("*")):
                _chown(path, uid, gid)


def _name(file: str, entry: str) -> None:
    """Gives `abc` its ids, so that a seed can say `chown abc:abc`."""
    path = Path(file)
    kept = [line for line in path.read_text().splitlines() if not line.startswith("abc:")]
    try:
        path.write_text("\n".join([*kept, entry]) + "\n")
    except OSError as error:  # a read-only root: the ids count, the name does not
        say(f"**** {file} stays as it is: {error.strerror} ****")


def _chown(path: Path, uid: int, gid: int) -> None:
    """As `lsiown`: only what has another owner is touched, and a refusal is a warning."""
    state = path.lstat()
    if (state.st_uid, state.st_gid) == (uid, gid):
        return
    try:
        os.chown(path, uid, gid, follow_symlinks=False)
    except OSError as error:
        say(f"**** Permissions could not be set on {path}: {error.strerror} ****")


def run_scripts(environment: dict[str, str]) -> None:
    """init-custom-files: every file of /custom-cont-init.d, in order, by bash, as root."""
    if not _SCRIPTS.is_dir() or not any(_SCRIPTS.iterdir()):
        say("[custom-init] no custom files found, skipping...")
        return
    say("[custom-init] files found, executing")
    for script in sorted(_SCRIPTS.iterdir()):
        if not script.is_file():
            say(f"[custom-init] {script.name}: is not a file")
            continue
        say(f"[custom-init] {script.name}: executing...")
        pid = os.posix_spawn("/bin/bash", ["/bin/bash", str(script)], environment)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        say(f"[custom-init] {script.name}: exited {code}")


_AWAITED = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGCHLD})


class Supervisor:
    """Keeps one service running until the container is stopped."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self._command = command
        self._environment = environment
        self._uid = int(environment.get("PUID") or _DEFAULT_ID)
        self._gid = int(environment.get("PGID") or _DEFAULT_ID)
        self._umask = int(environment.get("UMASK") or "022", 8)
        self._service = 0
        self._stopping = False

    def run(self) -> int:
        """Ends with the container.

        Signals are waited for, not handled: one that came between two looks would be lost.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
        self._service = self._start()
        while True:
            if signal.sigwait(_AWAITED) != signal.SIGCHLD:
                self._stop()
            self._reap()
            if self._service:
                continue
            if self._stopping:
                return 0
            time.sleep(_RESTART_SECONDS)
            self._service = self._start()

    def _stop(self) -> None:
        self._stopping = True
        if self._service:
            os.kill(self._service, signal.SIGTERM)

    def _start(self) -> int:
        pid = os.fork()
        if pid:
            return pid
        try:
            self._become()
        finally:
            os._exit(127)

    def _become(self) -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _AWAITED)
        os.umask(self._umask)
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(self._gid)
            os.setuid(self._uid)
        os.execve(self._command[0], list(self._command), self._environment)  # noqa: S606 - no shell is meant

    def _reap(self) -> None:
        """Takes note of everything that has ended, orphans too."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                if ended == self._service:
                    self._service = 0


def command(app: str, environment: dict[str, str]) -> list[str]:
    """What runs as the service: svc-<app>/run."""
    if app == "qbittorrent":
        ports = environment.get("WEBUI_PORT", "8080"), environment.get("TORRENTING_PORT", "6881")
        return [
            "/usr/bin/qbittorrent-nox",
            f"--webui-port={ports[0]}",
            f"--torrenting-port={ports[1]}",
        ]
    return [_INTERPRETER, "-IS", "-c", _SERVE, "/opt/stand-in/release.json"]


def main(app: str) -> int:
    """The whole life of the container."""
    environment = dict(os.environ)
    read_files(environment)
    if os.geteuid() == 0:
        uid = int(environment.get("PUID") or _DEFAULT_ID)
        gid = int(environment.get("PGID") or _DEFAULT_ID)
        say(f"User UID:    {uid}\nUser GID:    {gid}")
        fill(app, environment)
        own(uid, gid)
        run_scripts(environment)
        say("[ls.io-init] done.")
    return Supervisor(command(app, environment), environment).run()
