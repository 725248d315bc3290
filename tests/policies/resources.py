"""Properties of resources as the engine sends them, and a pack that judges them."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy.proxy import UNKNOWN_ARRAY_VALUE, UNKNOWN_STRING_VALUE


ROOT = Path(__file__).parents[2]
CONTAINER = "docker:index/container:Container"
IMAGE = "docker:index/remoteImage:RemoteImage"
NETWORK = "docker:index/network:Network"
VOLUME = "docker:index/volume:Volume"
UNKNOWN = UNKNOWN_STRING_VALUE
UNKNOWN_LIST = UNKNOWN_ARRAY_VALUE
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the engine's mark of a secret


def props(name: str = "radarr", **changes: Any) -> dict[str, Any]:
    """The inputs of a container that breaks no rule, with *changes*; None removes a property."""
    given: dict[str, Any] = {
        "image": f"lscr.io/linuxserver/{name}:5.26.2@sha256:{'0123456789abcdef' * 4}",
        "healthcheck": {
            "tests": ["CMD", "curl", "-fsS", "http://127.0.0.1/ping"],
            "startPeriod": "1m30s",
        },
        "logOpts": {"max-size": "10m"},
        "memory": 512,
        "restart": "unless-stopped",
        "securityOpts": ["no-new-privileges:true"],
        "stopTimeout": 120,
        "name": name,
        "networkMode": "bridge",
        "networksAdvanced": [{"name": "media", "aliases": [name]}],
        "volumes": [{"hostPath": f"/srv/config/{name}", "containerPath": "/config"}],
    }
    if name == "radarr":
        given["volumes"].append({"hostPath": "/srv/data", "containerPath": "/data"})
    return {key: value for key, value in (given | changes).items() if value is not None}


def secret(value: object) -> dict[str, object]:
    """*value* as the engine marks what is secret."""
    return {"4dabf18193072939515e22adb298388d": SECRET, "value": value}


@dataclass
class Run:
    """One preview or update, as a pack sees it."""

    stub: analyzer_pb2_grpc.AnalyzerStub
    resources: list[analyzer_pb2.AnalyzerResource] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    """What was said about single resources."""

    def resource(
        self,
        name: str,
        properties: Mapping[str, Any],
        kind: str = CONTAINER,
        came_from: Mapping[str, str] | None = None,
    ) -> set[str]:
        """Register a resource; the names of the policies that it violates."""
        struct = struct_pb2.Struct()
        struct.update(properties)
        request = analyzer_pb2.AnalyzeRequest(type=kind, properties=struct, urn=name, name=name)
        self.resources.append(
            analyzer_pb2.AnalyzerResource(
                type=kind,
                properties=struct,
                urn=name,
                name=name,
                propertyDependencies={
                    key: analyzer_pb2.AnalyzerPropertyDependencies(urns=[urn])
                    for key, urn in (came_from or {}).items()
                },
            )
        )
        diagnostics = self.stub.Analyze(request).diagnostics
        self.messages += [one.message for one in diagnostics]
        return {one.policyName for one in diagnostics}

    def watched(self) -> "Run":
        """The same, with what watches over a stack and copies its state."""
        everything = [{"hostPath": "/srv/config", "containerPath": "/all", "readOnly": True}]
        assert self.resource("backrest", props("backrest", volumes=everything)) == set()
        for name in ("uptime-kuma", "dozzle"):
            state = [{"hostPath": f"/srv/config/{name}", "containerPath": "/app/data"}]
            assert self.resource(name, props(name, volumes=state)) == set()
        return self

    def end(self) -> dict[str, str]:
        """What the pack says about the whole stack: policy -> message."""
        request = analyzer_pb2.AnalyzeStackRequest(resources=self.resources)
        return {one.policyName: one.message for one in self.stub.AnalyzeStack(request).diagnostics}


@dataclass
class Pack:
    """A pack that runs as the engine runs it: a process that speaks the analyzer's protocol."""

    stub: analyzer_pb2_grpc.AnalyzerStub

    def begin(self, *, preview: bool = True, **config: str) -> Run:
        """Begin a run on a stack with *config*, whose keys are those of `tame:`."""
        self.stub.ConfigureStack(
            analyzer_pb2.AnalyzerStackConfigureRequest(
                stack="test",
                project="tame",
                dry_run=preview,
                config={f"tame:{key}": value for key, value in config.items()},
            )
        )
        return Run(self.stub)

    def levels(self) -> dict[str, int]:
        """Policy -> level, as the engine is told."""
        info = self.stub.GetAnalyzerInfo(empty_pb2.Empty())
        return {policy.name: policy.enforcementLevel for policy in info.policies}


@contextmanager
def serving() -> Iterator[Pack]:
    """A running pack, ended on the way out."""
    command = [sys.executable, "-u", str(ROOT / "policies"), "127.0.0.1:1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONWARNINGS": "default"}
    ) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield Pack(analyzer_pb2_grpc.AnalyzerStub(channel))
        finally:
            process.terminate()
