"""The provider protocol, for `command:local:Command` and `command:remote:Command`."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
)
from typing_extensions import override

from testbed.toolchain.command_provider.command import REMOTE, TOKENS, check, diff
from testbed.toolchain.command_provider.errors import CommandFailed, CommandTypeRefused
from testbed.toolchain.command_provider.over_ssh import reaching
from testbed.toolchain.command_provider.running import Printed, Runner
from testbed.toolchain.command_provider.values import (
    holds_secret,
    opened,
    sealed,
    secret_texts,
    struck_out,
)
from testbed.toolchain.protocol import (
    UNKNOWN,
    diff_response,
    fail,
    plain,
    resource_type,
    struct,
)


VERSION: Final = "1.2.1"
"""The official plugin whose behaviour is stood in for."""

_ID_BYTES: Final = 4
_CONFIG: Final = {"version", "pluginDownloadURL", "__internal", "__defaults"}


class CommandProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers Pulumi's engine.

    Args:
        engine: The address of the engine's log, or none.
    """

    def __init__(self, engine: str) -> None:
        self._runner = Runner()
        channel = grpc.insecure_channel(engine) if engine else None
        self._log = engine_pb2_grpc.EngineStub(channel) if channel else None

    @override
    def GetPluginInfo(
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=VERSION)

    @override
    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    @override
    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        failures = [
            provider_pb2.CheckFailure(property=name, reason=str(CommandTypeRefused(name, TOKENS)))
            for name in sorted(set(request.news.fields) - _CONFIG)
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @override
    def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        return diff_response({})

    @override
    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @override
    def Check(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        token = _known(request.urn, context)
        failures = [
            provider_pb2.CheckFailure(property=name, reason=str(mistake))
            for name, mistake in check(plain(request.news), token)
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @override
    def Diff(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        _known(request.urn, context)
        # Recorded: the detailed diff alone says "replace"; `replaces` is empty.
        return diff_response(diff(plain(request.olds), plain(request.news)))

    @override
    def Create(
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        _known(request.urn, context)
        inputs = plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=_state(inputs, None))
        printed = self._run(request.urn, inputs, inputs.get("create"), Printed(), context)
        made = request.urn.rpartition("::")[2] + secrets.token_hex(_ID_BYTES)
        return provider_pb2.CreateResponse(id=made, properties=_state(inputs, printed))

    @override
    def Read(
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        _known(request.urn, context)
        return provider_pb2.ReadResponse(
            id=request.id, properties=request.properties, inputs=request.inputs
        )

    @override
    def Update(
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        _known(request.urn, context)
        inputs = plain(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=_state(inputs, None))
        before = _printed(plain(request.olds))
        command = inputs.get("update")
        if command is None:
            command = inputs.get("create")
        printed = self._run(request.urn, inputs, command, before, context)
        return provider_pb2.UpdateResponse(properties=_state(inputs, printed))

    @override
    def Delete(
        self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        _known(request.urn, context)
        state = plain(request.properties)
        self._run(request.urn, state, state.get("delete"), _printed(state), context)
        return empty_pb2.Empty()

    @override
    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self.stop()
        return empty_pb2.Empty()

    def stop(self) -> None:
        """End every command."""
        self._runner.cancel()

    def _run(
        self,
        urn: str,
        inputs: Mapping[str, Any],
        command: object,
        before: Printed,
        context: grpc.ServicerContext,
    ) -> Printed:
        if command is None:
            return before
        hidden = list(secret_texts(inputs))

        def log(line: str) -> None:
            self._say(urn, struck_out(line, hidden))

        try:
            if resource_type(urn) != REMOTE:
                return self._runner.run(str(opened(command)), opened(inputs), before, log)
            bare = opened(inputs)
            with reaching(bare["connection"]) as ssh:
                return self._runner.run(
                    str(opened(command)), {**bare, "interpreter": ssh}, before, log
                )
        except CommandFailed as error:
            fail(context, struck_out(str(error), hidden))

    def _say(self, urn: str, line: str) -> None:
        if self._log is not None:
            message = engine_pb2.LogRequest(
                severity=engine_pb2.INFO, message=line, urn=urn, ephemeral=True
            )
            with suppress(grpc.RpcError):  # an engine that is gone must not stop the reading
                self._log.Log(message)


def _known(urn: str, context: grpc.ServicerContext) -> str:
    token = resource_type(urn)
    if token not in TOKENS:
        fail(context, str(CommandTypeRefused(token, TOKENS)))
    return token


def _printed(state: Mapping[str, Any]) -> Printed:
    bare = opened(state)
    return Printed(bare.get("stdout") or "", bare.get("stderr") or "")


def _state(inputs: Mapping[str, Any], printed: Printed | None) -> Any:  # noqa: ANN401 - a Struct
    """The inputs and what was printed; *printed* of a preview is None.

    What a command prints may hold whatever it was given: one secret input makes both secret. The
    way to a remote host is not given to the command.
    """
    texts: dict[str, Any] = {
        "stdout": UNKNOWN if printed is None else printed.stdout,
        "stderr": UNKNOWN if printed is None else printed.stderr,
    }
    if holds_secret({name: value for name, value in inputs.items() if name != "connection"}):
        texts = {name: sealed(text) for name, text in texts.items()}
    return struct({**inputs, **texts})
