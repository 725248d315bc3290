"""What every stand-in provider shares: property values, failures, and being a plugin.

The protocol is Pulumi's provider protocol (`pulumi/provider.proto`), spoken through the bindings
that the SDK carries.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any, Final, NoReturn

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2


UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the protocol writes a value that a preview cannot know."""
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the protocol's marker, no secret
"""Under `SIGNATURE`: the object wraps a secret value."""
SIGNATURE: Final = "4dabf18193072939515e22adb298388d"

_WORKERS: Final = 32
_PARENT_SECONDS: Final = 1.0
_UNLIMITED: Final = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
)


def resource_type(urn: str) -> str:
    """The type token in *urn*, e.g. `docker:index/network:Network`."""
    return urn.split("::")[2].rpartition("$")[2]


def plain(struct: struct_pb2.Struct) -> dict[str, Any]:
    """*struct* as Python values; whole numbers become `int`.

    >>> plain(struct({"a": [1, "b", None]}))
    {'a': [1, 'b', None]}
    """
    return {name: _plain(value) for name, value in struct.fields.items()}


def _plain(value: struct_pb2.Value) -> Any:  # noqa: ANN401 - whatever JSON can hold
    match value.WhichOneof("kind"):
        case "string_value":
            return value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return value.bool_value
        case "struct_value":
            return plain(value.struct_value)
        case "list_value":
            return [_plain(item) for item in value.list_value.values]
        case _:
            return None


def struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """*values* as the protocol carries them."""
    made = struct_pb2.Struct()
    made.update(values)
    return made


def is_unknown(value: object) -> bool:
    """Whether *value* is, or holds, a value that a preview cannot know."""
    if isinstance(value, str):
        return value == UNKNOWN
    if isinstance(value, Mapping):
        return any(is_unknown(item) for item in value.values())
    if isinstance(value, Sequence):
        return any(is_unknown(item) for item in value)
    return False


def path_key(path: str, key: str) -> str:
    """*path* of a property with *key* appended, as Pulumi writes property paths."""
    if key.replace("_", "a").isalnum():
        return f"{path}.{key}"
    return f"{path}[{json.dumps(key, ensure_ascii=False)}]"


def diff_response(
    kinds: Mapping[str, str],
    *,
    replaces: Sequence[str] = (),
    delete_before_replace: bool = False,
) -> provider_pb2.DiffResponse:
    """The answer to `Diff`.

    Args:
        kinds: `add`, `delete` or `update`, perhaps with `-replace`, per property path.
        replaces: The top-level properties that ask for a replacement.
        delete_before_replace: Whether the old resource has to go first.
    """
    kind_of = provider_pb2.PropertyDiff.Kind
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME
        if kinds
        else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=list(dict.fromkeys(top_level(path) for path in kinds)),
        replaces=replaces,
        deleteBeforeReplace=delete_before_replace,
        hasDetailedDiff=True,
        detailedDiff={
            path: provider_pb2.PropertyDiff(kind=kind_of.Value(kind.upper().replace("-", "_")))
            for path, kind in kinds.items()
        },
    )


def top_level(path: str) -> str:
    """The property that *path* begins with: `a` of `a.b`, `a[0]` and `a["b"]`."""
    return path.partition(".")[0].partition("[")[0]


def fail(context: grpc.ServicerContext, text: str) -> NoReturn:
    """End a call with *text*; nothing changes in Pulumi's state."""
    context.abort(grpc.StatusCode.UNKNOWN, text)
    raise AssertionError  # abort() raises; its type does not say so


def fail_half_made(
    context: grpc.ServicerContext, text: str, made: provider_pb2.ErrorResourceInitFailed
) -> NoReturn:
    """End a call with *text*; the resource in *made* exists and enters Pulumi's state."""
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=text)
    status.details.add().Pack(made)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    fail(context, text)


def serve(servicer: provider_pb2_grpc.ResourceProviderServicer, stop: Callable[[], None]) -> None:
    """Be a plugin: print the port, answer until the engine ends this process or itself.

    Args:
        servicer: Answers the calls, on up to 32 threads.
        stop: Is called once before the process ends, to end what still runs.
    """
    engine = os.getppid()  # before anybody knows the port: an engine may die as soon as it has it
    server = grpc.server(ThreadPoolExecutor(_WORKERS), options=_UNLIMITED)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    over = threading.Event()

    def ended(_signal: int, _frame: FrameType | None) -> None:
        over.set()

    # The engine ends a plugin by SIGINT and gives it seconds before it kills it. Ctrl-C does not
    # come here: plugins have process groups of their own, and the engine sends Cancel.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ended)
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # A killed engine cannot say goodbye: without this look, its plugins would stay for ever.
    while not over.wait(_PARENT_SECONDS) and os.getppid() == engine:
        pass
    stop()
    server.stop(grace=None)
    os._exit(0)  # a thread may still wait for the Docker engine; nothing of it is wanted
