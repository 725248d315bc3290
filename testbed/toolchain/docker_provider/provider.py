"""The provider protocol, for the four resources that the stand-in has."""

import secrets
from collections.abc import Mapping
from typing import Any, Final, Protocol

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from typing_extensions import override

from tame_components.domain.errors import TameError
from testbed.toolchain.docker_provider.checking import check
from testbed.toolchain.docker_provider.container import Container
from testbed.toolchain.docker_provider.diffing import diff
from testbed.toolchain.docker_provider.engine import Engine
from testbed.toolchain.docker_provider.errors import (
    ConfigRefused,
    HalfMade,
    OperationFailed,
    TypeRefused,
)
from testbed.toolchain.docker_provider.hiding import hidden
from testbed.toolchain.docker_provider.network import Network
from testbed.toolchain.docker_provider.remote_image import RemoteImage
from testbed.toolchain.docker_provider.schema import Table, Values, bare, planned
from testbed.toolchain.docker_provider.volume import Volume
from testbed.toolchain.protocol import (
    UNKNOWN,
    diff_response,
    fail,
    fail_half_made,
    plain,
    resource_type,
    struct,
    top_level,
)


VERSION: Final = "5.2.0"
"""The official plugin whose behaviour is stood in for."""


class Kind(Protocol):
    """What a type of resource can do."""

    table: Table
    deletes_before_replace: bool

    def create(self, engine: Engine, inputs: Values) -> tuple[str, Values]:
        """Make it; its id and state."""

    def read(self, engine: Engine, made: str, state: Values) -> Values | None:
        """Its state now, or None if it is gone; an empty *state* means an import."""

    def update(self, engine: Engine, made: str, olds: Values, state: Values) -> Values:
        """Change it in place from *olds* to *state*; its state."""

    def delete(self, engine: Engine, made: str, state: Values) -> None:
        """Remove it; one that is gone is no error."""


KINDS: Final[Mapping[str, Kind]] = {
    "docker:index/container:Container": Container(),
    "docker:index/network:Network": Network(),
    "docker:index/remoteImage:RemoteImage": RemoteImage(),
    "docker:index/volume:Volume": Volume(),
}
_SUFFIX: Final = 7
_CONFIG: Final = {"host", "version", "pluginDownloadURL", "__internal", "__defaults"}


class DockerProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers Pulumi's engine.

    Secrets: like the official plugin this one does not accept them, so the engine unwraps them
    and marks the outputs of the same name as secrets again. Nothing here prints a value.
    """

    def __init__(self) -> None:
        self.engine = Engine(None)

    @override
    def GetPluginInfo(
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=VERSION)

    @override
    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse()

    @override
    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        unknown = [name for name in request.news.fields if name not in _CONFIG]
        failures = [
            provider_pb2.CheckFailure(property=name, reason=str(ConfigRefused([name])))
            for name in sorted(unknown)
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @override
    def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        old, new = plain(request.olds).get("host"), plain(request.news).get("host")
        return diff_response({} if old == new else {"host": "update"})

    @override
    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        host = plain(request.args).get("host")
        self.engine = Engine(None if host == UNKNOWN else host)
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    @override
    def Check(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        table = _kind(request.urn, context).table
        inputs, mistakes = check(table, plain(request.news), _auto_name(request))
        failures = [
            provider_pb2.CheckFailure(property=top_level(path), reason=str(mistake))
            for path, mistake in mistakes
        ]
        return provider_pb2.CheckResponse(inputs=struct(inputs), failures=failures)

    @override
    def Diff(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        kind = _kind(request.urn, context)
        olds, news = plain(request.olds), plain(request.news)
        kinds = diff(kind.table, olds, news)
        replaces = sorted({top_level(path) for path in kinds if kinds[path].endswith("-replace")})
        named = "name" not in news.get("__defaults", ()) and olds.get("name") == news.get("name")
        first = bool(replaces) and (kind.deletes_before_replace or named)
        return diff_response(kinds, replaces=replaces, delete_before_replace=first)

    @override
    def Create(
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        kind, inputs = _kind(request.urn, context), bare(plain(request.properties))
        if request.preview:
            return provider_pb2.CreateResponse(properties=struct(_foreseen(kind.table, inputs)))
        try:
            made, state = kind.create(self.engine, inputs)
        except HalfMade as error:
            state = planned(kind.table, inputs) | {"id": error.made}
            why = _errors(f"creating {request.urn}: " + _errors(hidden(str(error), inputs)))
            left = provider_pb2.ErrorResourceInitFailed(
                id=error.made, properties=struct(state), reasons=[why.split("* ", 1)[1][:-2]]
            )
            fail_half_made(context, why, left)
        except (OperationFailed, TameError) as error:
            fail(context, _errors(hidden(str(error), inputs)))
        return provider_pb2.CreateResponse(id=made, properties=struct(state))

    @override
    def Read(
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        kind, olds, inputs = _kind(request.urn, context), plain(request.properties), request.inputs
        try:
            state = kind.read(self.engine, request.id, olds)
        except (OperationFailed, TameError) as error:
            fail(context, hidden(str(error), olds))
        if state is None:
            return provider_pb2.ReadResponse(id="")
        if not olds:
            inputs = struct(_inputs(kind.table, state))
        return provider_pb2.ReadResponse(id=state["id"], properties=struct(state), inputs=inputs)

    @override
    def Update(
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        kind = _kind(request.urn, context)
        olds, news = plain(request.olds), bare(plain(request.news))
        state = _updated(kind.table, olds, news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=struct(state))
        try:
            state = kind.update(self.engine, request.id, olds, state)
        except (OperationFailed, TameError) as error:
            fail(context, _errors(f"updating {request.urn}: " + hidden(str(error), news)))
        return provider_pb2.UpdateResponse(properties=struct(state))

    @override
    def Delete(
        self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        kind, state = _kind(request.urn, context), plain(request.properties)
        try:
            kind.delete(self.engine, request.id, state)
        except (OperationFailed, TameError) as error:
            fail(context, _errors(f"deleting {request.urn}: " + hidden(str(error), state)))
        return empty_pb2.Empty()

    @override
    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self.stop()
        return empty_pb2.Empty()

    def stop(self) -> None:
        """End every wait."""
        self.engine.cancelled.set()


def _kind(urn: str, context: grpc.ServicerContext) -> Kind:
    token = resource_type(urn)
    if token not in KINDS:
        fail(context, str(TypeRefused(token, KINDS)))
    return KINDS[token]


def _auto_name(request: provider_pb2.CheckRequest) -> str | None:
    """The name of a resource whose program gives none; an image always has its own."""
    if resource_type(request.urn).endswith(":RemoteImage"):
        return None
    olds = request.olds.fields
    if "name" in plain(request.olds).get("__defaults", ()):
        return olds["name"].string_value
    seed = request.randomSeed or secrets.token_bytes(_SUFFIX)
    return f"{request.urn.rpartition('::')[2]}-{seed.hex()[:_SUFFIX]}"


def _errors(text: str) -> str:
    """*text* as the official plugin lists one error."""
    return f"1 error occurred:\n\t* {text}\n\n"


def _foreseen(table: Table, inputs: Mapping[str, Any]) -> Values:
    """What a preview knows of a resource that is to be made."""
    state = planned(table, inputs) | {"id": UNKNOWN}
    for name, prop in table.items():
        if prop.computed and inputs.get(name) is None:
            state[name] = UNKNOWN
    return state


def _updated(table: Table, olds: Values, news: Values) -> Values:
    """The old state with what the program wants now; what it leaves open stays."""
    wanted = planned(table, news)
    kept = {
        name: olds.get(name)
        for name, prop in table.items()
        if news.get(name) is None and (prop.computed or prop.keeps_when_empty)
    }
    return {**olds, **wanted, **kept}


def _inputs(table: Table, state: Values) -> Values:
    """What a program would have to say to get *state*."""
    return {
        name: state[name]
        for name, prop in table.items()
        if not prop.output and state.get(name) not in (None, "", [], {}, 0, False)
    }
