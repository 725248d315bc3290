"""Run a Pulumi program against a recorder, without an engine."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.settings import reset_options
from typing_extensions import override


if TYPE_CHECKING:
    from pulumi.runtime.proto import resource_pb2


SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d"  # noqa: S105 - Pulumi's mark of a secret


class _Engine(Mocks):
    """Fills what the providers fill: ids, and the outputs that our components read."""

    @override
    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        filled = {"imageId": f"sha256:{args.name}"} if "RemoteImage" in args.typ else {}
        made = {"stdout": "", "stderr": ""} if "command" in args.typ else {}
        return f"{args.name}-id", {**args.inputs, **filled, **made}

    @override
    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return {}, None


class Recorder(MockMonitor):
    """Remembers every registration and output; refuses two resources with one URN."""

    def __init__(self) -> None:
        super().__init__(_Engine())
        self.requests: dict[str, resource_pb2.RegisterResourceRequest] = {}
        self.outputs: dict[str, dict[str, Any]] = {}

    @override
    def RegisterResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        assert urn not in self.requests, f"two resources share the URN {urn}"
        self.requests[urn] = request
        return super().RegisterResource(request)  # type: ignore[no-untyped-call] # Pulumi's

    @override
    def RegisterResourceOutputs(self, request: Any) -> Any:
        self.outputs[request.urn] = MessageToDict(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call] # Pulumi's

    def inputs_of(self, name: str) -> dict[str, Any]:
        """The inputs of the one resource called *name*, with Pulumi's marks in them."""
        found = [r for r in self.requests.values() if r.name == name]
        assert len(found) == 1, f"{len(found)} resources are called {name}"
        return MessageToDict(found[0].object)

    def urns(self) -> list[str]:
        """`type chain::name` of every resource, as a URN ends, in order."""
        return sorted(urn.split("::", 2)[2] for urn in self.requests)

    def outputs_of(self, component: type) -> dict[str, set[str]]:
        """Which outputs each instance of *component* registered, by name."""
        mark = f":{component.__name__}::"
        return {urn.split(mark)[1]: set(out) for urn, out in self.outputs.items() if mark in urn}

    def orphans(self) -> list[str]:
        """Resources without a component above them, other than providers and components."""
        return [
            urn
            for urn, request in self.requests.items()
            if request.custom
            and "::pulumi:pulumi:Stack::" in request.parent
            and not request.type.startswith("pulumi:providers")
        ]

    def plain_occurrences_of(self, text: str) -> list[str]:
        """The URN of everything in which *text* stands where a reader of the state sees it."""
        inputs = [(urn, MessageToDict(request.object)) for urn, request in self.requests.items()]
        everything = [*inputs, *self.outputs.items()]
        return [urn for urn, values in everything if any(text in one for one in _plain(values))]


def _plain(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and SECRET_SIGNATURE in value:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _plain(key)
            yield from _plain(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _plain(inner)
    elif isinstance(value, str):
        yield value


def deploy(program: Callable[[], object], *, preview: bool = False) -> Recorder:
    """Run *program* as `pulumi up` (or `preview`) would, in a loop and settings of its own."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # Pulumi's mock monitor makes a loop in each worker thread and leaves it open.
    loops = [loop]
    workers = ThreadPoolExecutor(initializer=lambda: loops.append(_loop_of_this_thread()))
    loop.set_default_executor(workers)
    recorder = Recorder()
    try:
        pulumi.runtime.set_mocks(
            recorder.mocks, project="tame", stack="test", preview=preview, monitor=recorder
        )
        run = pulumi.runtime.test(lambda: (program(), None)[1])  # type: ignore[no-untyped-call] # Pulumi's
        run()
    finally:
        reset_options()
        workers.shutdown()
        for one in loops:
            one.close()
        asyncio.set_event_loop(None)
        gc.enable()  # a stack program turns it off for its own short life
        gc.collect()  # or finalizers run in the middle of a later test (cpython issue 106905)
    assert len(recorder.requests) > 1, "the program registered nothing"
    return recorder


def _loop_of_this_thread() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    return loop
