"""Runs one Pulumi program; a process of its own, started by the language host.

The first line of standard input is the request. The rest of it is a lifeline: when the language
host goes away, however it ends, standard input ends and the program ends with it. Imports nothing
of TAME: the program's virtualenv need not have it.

Exit codes: 0, done; 32, failed and said so already; any other, failed.
"""

import asyncio
import json
import logging
import os
import runpy
import signal
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import grpc
import pulumi
import pulumi.runtime


SAID: Final = 32
"""The exit code of a failure that the user has been told about (Pulumi's own language host: 32)."""
_GONE: Final = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
"""What a call to the engine ends with when the user cancelled the deployment."""


def main() -> int:
    """Reads the request, runs the program, and returns the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # a cancelled program ends without a traceback
    request = _read_request()
    _configure(request)
    sys.argv = [request["program"], *request["args"]]
    os.chdir(request["directory"])
    sys.path.pop(0)  # this file's directory; `runpy` puts the program's in its place
    program = request["program"]
    path = Path(program)
    if not (path / "__main__.py" if path.is_dir() else path).is_file():
        pulumi.log.error(f"no program: `{program}` is no file and has no `__main__.py`")
        return SAID
    return _run(program, request["parallel"])


def _read_request() -> dict[str, Any]:
    """The request; from here on the process lives no longer than its standard input.

    Standard input is moved out of the program's sight, and read without a buffer: a buffer that
    a thread holds at the end of the process would make its end an abort.
    """
    lifeline = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    request = bytearray()
    while not request.endswith(b"\n"):
        chunk = os.read(lifeline, 65536)  # the host writes one line and nothing after it
        if not chunk:
            sys.exit(1)  # the host went away before it had asked for anything
        request += chunk
    threading.Thread(target=_die_with, args=(lifeline,), name="lifeline", daemon=True).start()
    parsed: dict[str, Any] = json.loads(request)
    return parsed


def _die_with(lifeline: int) -> None:
    while os.read(lifeline, 1):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


def _configure(request: dict[str, Any]) -> None:
    """Makes the SDK speak to the engine that sent *request*."""
    pulumi.runtime.set_all_config(request["config"], request["secret_keys"])
    settings = pulumi.runtime.Settings(**request["settings"])
    pulumi.runtime.configure(settings)


def _run(program: str, parallel: int) -> int:
    # Futures that nobody awaits are normal when a deployment fails half way.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    def body() -> None:
        runpy.run_path(program, run_name="__main__")

    with ThreadPoolExecutor(max_workers=max(parallel, 1) * 4) as executor:
        loop.set_default_executor(executor)
        try:
            loop.run_until_complete(pulumi.runtime.run_in_stack(body))
        except pulumi.RunError as error:
            pulumi.log.error(str(error))
            return SAID
        except grpc.RpcError as error:
            return _after_rpc_error(error)
        except Exception as error:  # noqa: BLE001 - whatever a program may raise
            pulumi.log.error(f"program failed:\n{_own_frames(error, program)}")
            return SAID
        finally:
            loop.close()
            sys.stdout.flush()
            sys.stderr.flush()
    return 0


def _after_rpc_error(error: grpc.RpcError) -> int:
    # What a call raises is also a `grpc.Call`, which grpc's types do not say.
    call: Any = error
    if call.code() not in _GONE:  # else the engine is going away, and says so itself
        pulumi.log.error(f"the engine refused a call: {call.details()}")
    return SAID


def _own_frames(error: Exception, program: str) -> str:
    """The traceback of *error* from the program's first line on: not this file's, nor `runpy`'s."""
    if isinstance(error, SyntaxError):
        return "".join(traceback.format_exception_only(error))  # says file and line by itself
    frame = error.__traceback__
    while frame is not None and not frame.tb_frame.f_code.co_filename.startswith(program):
        frame = frame.tb_next
    return "".join(traceback.format_exception(type(error), error, frame or error.__traceback__))


if __name__ == "__main__":
    sys.exit(main())
