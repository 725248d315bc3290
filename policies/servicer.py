"""What the SDK's server keeps to itself, and the pack needs.

`pulumi_policy` 1.21 receives the stack's configuration and whether this is a preview
(`ConfigureStack`), and drops both; and it reads each resource once per policy, of whatever type.
One private class is therefore replaced by a subclass of itself. `tests/policies/test_servicer.py`
fails first when another SDK calls it otherwise.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import policy as sdk
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY, deserialize_properties
from pulumi_policy.proxy import unknown_checking_proxy
from typing_extensions import override


if TYPE_CHECKING:
    from google.protobuf.struct_pb2 import Struct

    from policies.session import Session

_Context = Any
"""gRPC's; not used."""

_CONTAINER = "docker:index/container:Container"
_IMAGE = "docker:index/remoteImage:RemoteImage"
_NETWORK = "docker:index/network:Network"
_VOLUME = "docker:index/volume:Volume"
_STACK = "pulumi:pulumi:Stack"
_JUDGED = frozenset({_CONTAINER, _IMAGE})
_READ = frozenset({_CONTAINER, _IMAGE, _NETWORK, _VOLUME})


class Servicer(sdk._PolicyAnalyzerServicer):  # noqa: SLF001 - see the module's docstring
    """The SDK's server, with an ear for the stack and no time for other resources."""

    session: "ClassVar[Session]"
    configured: ClassVar[Callable[[], None]]

    @override
    def ConfigureStack(
        self, request: analyzer_pb2.AnalyzerStackConfigureRequest, _context: _Context
    ) -> analyzer_pb2.AnalyzerStackConfigureResponse:
        self.session.configure(dict(request.config), preview=request.dry_run)
        self.session.stack = request.stack or self.session.stack
        type(self).configured()
        answer: analyzer_pb2.AnalyzerStackConfigureResponse
        answer = super().ConfigureStack(request, _context)
        return answer

    @override
    def Analyze(
        self, request: analyzer_pb2.AnalyzeRequest, _context: _Context
    ) -> analyzer_pb2.AnalyzeResponse:
        if request.type in _READ:
            _read(self.session, request)
        if request.type not in _JUDGED:
            return analyzer_pb2.AnalyzeResponse()
        request.properties.Clear()  # each of the policies would read them again
        answer: analyzer_pb2.AnalyzeResponse = super().Analyze(request, _context)  # type: ignore[no-untyped-call]
        return answer

    @override
    def AnalyzeStack(
        self, request: analyzer_pb2.AnalyzeStackRequest, _context: _Context
    ) -> analyzer_pb2.AnalyzeResponse:
        self.session.settled = None
        for one in request.resources:
            if one.type == _STACK:
                self.session.proof = _text(one.properties, "proof")
        kept = [one for one in request.resources if one.type in _JUDGED]
        for one in kept:
            if one.urn in self.session.containers or one.urn in self.session.images:
                one.properties.Clear()  # read already, from its inputs
        filtered = analyzer_pb2.AnalyzeStackRequest(resources=kept)
        answer: analyzer_pb2.AnalyzeResponse
        answer = super().AnalyzeStack(filtered, _context)  # type: ignore[no-untyped-call]
        return answer

    @override
    def Remediate(
        self, _request: analyzer_pb2.AnalyzeRequest, _context: _Context
    ) -> analyzer_pb2.RemediateResponse:
        return analyzer_pb2.RemediateResponse()  # the pack judges, and changes nothing


def install(session: "Session", configured: Callable[[], None]) -> None:
    """Let the next `PolicyPack` tell *session* what the engine says.

    Args:
        session: filled before the first resource is judged.
        configured: called when the stack's configuration is known, before the engine asks which
            policies there are.
    """
    Servicer.session = session
    Servicer.configured = configured
    sdk._PolicyAnalyzerServicer = Servicer  # type: ignore[misc]  # noqa: SLF001 - see above


def _is_secret(properties: "Struct", key: str) -> bool:
    value = properties.fields.get(key)
    if value is None or not value.HasField("struct_value"):
        return False
    mark = value.struct_value.fields.get(SPECIAL_SIG_KEY)
    return mark is not None and mark.string_value == SPECIAL_SECRET_SIG


def _text(properties: "Struct", key: str) -> str | None:
    """A text among *properties*; the engine offers no other stack's outputs, only our own."""
    value = properties.fields.get(key)
    return value.string_value if value is not None and value.HasField("string_value") else None


def _read(session: "Session", request: analyzer_pb2.AnalyzeRequest) -> None:
    """Keep what the rules need to know about a container and its surroundings."""
    from google.protobuf import json_format  # noqa: PLC0415 - not before the first resource

    from policies import facts  # noqa: PLC0415 - 0.1 s that the pack's start need not pay

    props = unknown_checking_proxy(
        deserialize_properties(json_format.MessageToDict(request.properties))
    )
    if request.type == _CONTAINER:
        secret = _is_secret(request.properties, "envs")
        session.add(request.urn, facts.container_of(props, request.name, secret_environment=secret))
    elif request.type == _IMAGE:
        session.images[request.urn] = facts.image_of(props, request.name)
    elif request.type == _NETWORK and (network := facts.network_of(props)):
        session.add_network(*network)
    elif request.type == _VOLUME and (volume := facts.volume_of(props)):
        session.volumes[volume[0]] = volume[1:]
