"""Commands really run, fail and end, through the plugin as Pulumi's engine runs it."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from testbed.engine.processes import ended
from testbed.toolchain.protocol import SECRET, SIGNATURE, UNKNOWN, plain, struct
from tests.harness.waiting import eventually


URN = "urn:pulumi:test::test::command:local:Command::x"
HIDDEN = "canary-5d1e-secret"
Stub = provider_pb2_grpc.ResourceProviderStub


@pytest.fixture
def stub() -> Iterator[Stub]:
    command = [sys.executable, "-m", "testbed.toolchain.command_provider"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Stub(channel)
        process.terminate()
        assert process.wait(60) == 0


def create(stub: Stub, **inputs: Any) -> dict[str, Any]:
    request = provider_pb2.CreateRequest(urn=URN, properties=struct({"logging": "none", **inputs}))
    made = stub.Create(request)
    assert made.id.startswith("x")
    return plain(made.properties)


def update(stub: Stub, olds: Mapping[str, Any], **inputs: Any) -> dict[str, Any]:
    news = struct({"logging": "none", **inputs})
    request = provider_pb2.UpdateRequest(id="x1", urn=URN, olds=struct(olds), news=news)
    return plain(stub.Update(request).properties)


def said(error: Any) -> str:
    return str(error.details())


def secret(value: object) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": value}


def test_create_update_delete(stub: Stub, tmp_path: Path) -> None:
    """Each verb runs its own command, in the directory and with the input that it was given."""
    state = create(stub, create="cat; pwd; echo $A >&2", stdin="in\n", dir=str(tmp_path))
    assert state["stdout"] == f"in\n{tmp_path}"
    state = update(stub, state, create="echo again", update="echo $PULUMI_COMMAND_STDOUT")
    assert state["stdout"] == f"in {tmp_path}"
    state = update(stub, state, create="echo again", addPreviousOutputInEnv=False)
    assert state["stdout"] == "again"
    gone = struct({"delete": f"touch {tmp_path}/gone"})
    stub.Delete(provider_pb2.DeleteRequest(id="x1", urn=URN, properties=gone))
    assert (tmp_path / "gone").exists()


def test_interpreter_and_environment(stub: Stub) -> None:
    """The interpreter gets the command as its last argument, and the environment."""
    state = create(
        stub,
        create="import os; print(os.environ['A'])",
        interpreter=[sys.executable, "-c"],
        environment={"A": "1"},
    )
    assert state["stdout"] == "1"


def test_a_failing_update(stub: Stub) -> None:
    """The text is the recorded one, and nothing is returned that could replace the old state."""
    with pytest.raises(grpc.RpcError) as failure:
        update(stub, {}, update="echo bad >&2; exit 3")
    details = said(failure.value)
    assert details == 'exit status 3: running "echo bad >&2; exit 3":\nbad\n'


def test_secrets_stay_secret(stub: Stub) -> None:
    """One secret input makes the outputs secret, and is struck out of an error."""
    environment = {"KEY": secret(HIDDEN)}
    state = create(stub, create="echo $KEY", environment=environment)
    assert state["environment"] == environment
    assert state["stdout"] == secret(HIDDEN)
    with pytest.raises(grpc.RpcError) as failure:
        create(stub, create="echo $KEY; exit 1", environment=environment)
    details = said(failure.value)
    assert HIDDEN not in details
    assert "[secret]" in details


def test_preview_runs_nothing(stub: Stub, tmp_path: Path) -> None:
    """A preview knows no output, and the command has not run."""
    marker = tmp_path / "ran"
    request = provider_pb2.CreateRequest(
        urn=URN, properties=struct({"create": f"touch {marker}"}), preview=True
    )
    assert plain(stub.Create(request).properties)["stdout"] == UNKNOWN
    assert not marker.exists()


def test_cancel_ends_the_whole_group(stub: Stub, tmp_path: Path) -> None:
    """Cancelling ends a command and what it started in the background."""
    child = tmp_path / "child"
    script = f"sleep 600 & echo $! > {child}.new; mv {child}.new {child}; wait"
    failed: list[grpc.RpcError] = []

    def run() -> None:
        try:
            create(stub, create=script)
        except grpc.RpcError as error:
            failed.append(error)

    running = threading.Thread(target=run)
    running.start()
    eventually(child.exists)
    number = int(child.read_text())
    stub.Cancel(empty_pb2.Empty())
    running.join(60)
    assert len(failed) == 1
    eventually(lambda: ended(number))


def test_refused_by_name(stub: Stub) -> None:
    """Unknown inputs and wrong values are named, with a code."""
    news = struct({"create": 1, "assetPaths": ["*.x"], "logging": "loud"})
    answer = stub.Check(provider_pb2.CheckRequest(urn=URN, news=news))
    assert {failure.property for failure in answer.failures} == {"create", "assetPaths", "logging"}
    assert all("TAME756" in failure.reason for failure in answer.failures)


def test_interrupt_ends_the_plugin() -> None:
    """The engine ends a plugin by SIGINT: it takes that as an order, and ends with success."""
    command = [sys.executable, "-m", "testbed.toolchain.command_provider"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdigit()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_a_killed_engine_takes_its_plugin_along(tmp_path: Path) -> None:
    """Whoever started the plugin is gone without a word: the plugin does not stay."""
    numbered = tmp_path / "number"
    script = (
        f"{sys.executable} -m testbed.toolchain.command_provider & echo $! > {numbered}; read x"
    )
    with subprocess.Popen(
        ["/bin/sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as shell:
        assert shell.stdout is not None
        assert shell.stdout.readline().strip().isdigit()
        shell.kill()
        shell.wait()
    number = int(numbered.read_text())
    eventually(lambda: ended(number))
