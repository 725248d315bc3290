"""The language host's side of Pulumi's LanguageRuntime protocol (Pulumi 3.255)."""

import importlib.metadata
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent import futures
from typing import Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2
from typing_extensions import override

from testbed.toolchain.language_host.interpreter import Interpreter
from testbed.toolchain.language_host.plugin import Plugin
from testbed.toolchain.language_host.program import Program


_REHEARSAL: Final = "tame:rehearsal"
_LARGEST_MESSAGE: Final = 400 * 1024 * 1024
"""Bytes; what Pulumi's own plugins accept."""


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs programs and policy packs; a method that is not here answers UNIMPLEMENTED."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._running: set[Program | Plugin] = set()
        self._lock = threading.Lock()

    @override
    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        self._engine = request.engine_address or self._engine
        return language_pb2.LanguageHandshakeResponse()

    @override
    def GetRequiredPlugins(
        self, request: language_pb2.GetRequiredPluginsRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPluginsResponse:
        # The engine finds a provider when the program registers its first resource.
        return language_pb2.GetRequiredPluginsResponse()

    @override
    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        return language_pb2.GetRequiredPackagesResponse()

    @override
    def GetPluginInfo(
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=importlib.metadata.version("pulumi"))

    @override
    def About(
        self, request: language_pb2.AboutRequest, context: grpc.ServicerContext
    ) -> language_pb2.AboutResponse:
        return language_pb2.AboutResponse(
            executable=sys.executable,
            version=sys.version.split()[0],
            metadata={"language host": "stand-in of TAME's test bed"},
        )

    @override
    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        where = [str(Interpreter.of(request.info).packages())]
        found = {d.name: d.version for d in importlib.metadata.distributions(path=where)}
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=name, version=found[name])
                for name in sorted(found, key=str.lower)
            ]
        )

    @override
    def RuntimeOptionsPrompts(
        self, request: language_pb2.RuntimeOptionsRequest, context: grpc.ServicerContext
    ) -> language_pb2.RuntimeOptionsResponse:
        return language_pb2.RuntimeOptionsResponse()

    @override
    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        said = b"nothing to install: `ci/setup` made the virtualenv\n"
        yield language_pb2.InstallDependenciesResponse(stdout=said)

    @override
    def Run(
        self, request: language_pb2.RunRequest, context: grpc.ServicerContext
    ) -> language_pb2.RunResponse:
        from tame_components.domain.errors import TameError  # noqa: PLC0415 - not before it serves

        try:
            _refuse_unless_rehearsal(request)
            program = Program(request, self._engine)
        except TameError as error:
            return language_pb2.RunResponse(error=str(error))
        self._enter(program, context)
        try:
            return program.run()
        finally:
            self._leave(program)

    @override
    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        from tame_components.domain.errors import TameError  # noqa: PLC0415 - not before it serves

        try:
            plugin = Plugin(request)
        except TameError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        self._enter(plugin, context)
        try:
            yield from plugin.run()
        finally:
            self._leave(plugin)

    @override
    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self.cancel()
        return empty_pb2.Empty()

    def cancel(self) -> None:
        """Ends every program and policy pack that runs."""
        with self._lock:
            running = tuple(self._running)
        for one in running:
            one.cancel()

    def _enter(self, running: Program | Plugin, context: grpc.ServicerContext) -> None:
        with self._lock:
            self._running.add(running)
        # Also called when the call ends well; then there is nothing left to cancel.
        if not context.add_callback(running.cancel):
            running.cancel()

    def _leave(self, running: Program | Plugin) -> None:
        with self._lock:
            self._running.discard(running)


def _refuse_unless_rehearsal(request: language_pb2.RunRequest) -> None:
    if not request.dryRun and request.config.get(_REHEARSAL) != "true":
        from testbed.toolchain.language_host.errors import (  # noqa: PLC0415 - rare and slow
            LanguageHostRefused,
        )

        raise LanguageHostRefused(request.stack)


def serve(engine: str) -> None:
    """Serves on a free port of the loopback, prints it, and ends when the CLI does."""
    host = LanguageHost(engine)
    server = grpc.server(
        futures.ThreadPoolExecutor(),
        options=[
            ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
            ("grpc.max_send_message_length", _LARGEST_MESSAGE),
        ],
    )
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    # The CLI ends its plugins with SIGINT and waits up to 5 s. A person's Ctrl-C does not reach
    # plugins: they have a process group of their own; the CLI calls Cancel.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        _wait_for_the_end_of_the_reader()
    finally:
        host.cancel()
        os._exit(0)  # not held up by calls that are still open


def _stop(*_: object) -> None:
    raise SystemExit


def _wait_for_the_end_of_the_reader() -> None:
    """Returns when nobody reads standard output any more: the CLI has ended, however it ended."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)  # errors and hang-ups are reported without being asked
    poll.poll()
