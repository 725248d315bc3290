"""Runs one stand-in: `python -m testbed.apps FACTS.json [--port-file FILE] [argument ...]`."""

import importlib
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from testbed.apps.application import Application, Unrecoverable
from testbed.apps.faults import Fault
from testbed.apps.once import Once
from testbed.apps.place import Place


def load(app: str) -> type[Application | Once]:
    """The class that stands in for *app*."""
    module = importlib.import_module(f"testbed.apps.{app.replace('-', '_')}")
    loaded: type[Application | Once] = module.StandIn
    return loaded


_ENDS = frozenset({signal.SIGTERM, signal.SIGINT})


def serve(place: Place, port_file: Path | None = None) -> int:
    """Runs until SIGTERM or SIGINT; the exit code.

    Args:
        place: The stand-in's facts.
        port_file: Gets the number of the port when requests are answered (tests).
    """
    fault = Fault.parse(place.fault)
    kind = load(place.app)
    if issubclass(kind, Once):
        fault.begin(lambda: None)
        return kind(place).run()
    # Waited for, not handled: a handler that runs while its event is being waited for can hang.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    try:
        app = kind(place)
    except Unrecoverable:
        # The real one waits for an hour; a person or a supervisor ends it.
        signal.sigwait(_ENDS)
        return 1
    fault.begin(app.migrate)
    server = app.server(fault.around(app.handle, app.is_health))
    address = server.server_address
    port = int(address[1]) if isinstance(address, tuple) else 0
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    if app.process:
        Path("/proc/self/comm").write_text(app.process)
    app.listening(port)
    if port_file:
        _write_whole(port_file, str(port))
    signal.sigwait(_ENDS)
    server.shutdown()
    server.server_close()
    app.close()
    return 0


def _write_whole(path: Path, text: str) -> None:
    """A reader sees nothing or all of it."""
    part = path.with_suffix(".part")
    part.write_text(text)
    part.rename(path)


def main(arguments: Sequence[str]) -> int:
    """Reads the facts and serves."""
    facts, *rest = arguments
    port_file = None
    if rest[:1] == ["--port-file"]:
        port_file = Path(rest[1])
        rest = rest[2:]
    return serve(Place.read(Path(facts), rest), port_file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
