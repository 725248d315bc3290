"""An application that its supervisor started again is noticed, though its container lives on."""

import os
import socket
from pathlib import Path

import pytest

from tame_components.domain.analysis import Verdict
from tame_components.ops.gate import health
from tame_components.ops.gate.listening import listeners
from tame_components.ops.gate.namespaces import HERE
from tests.harness import stacks
from tests.ops.gate.scenes import FakeEngine, container, scene


pytestmark = pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="needs /proc")


def listening(port: int) -> frozenset[int]:
    """What this process has at *port*."""
    return listeners({os.getpid(): {port}}, HERE)[os.getpid()]


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_the_socket_of_a_port_is_found(family: socket.AddressFamily) -> None:
    """By its inode, which no other socket has while it lives."""
    address = "127.0.0.1" if family == socket.AF_INET else "::1"
    with socket.socket(family) as one:
        one.bind((address, 0))
        port = one.getsockname()[1]
        assert listening(port) == frozenset()
        one.listen()
        assert listening(port) == {os.fstat(one.fileno()).st_ino}
    assert listening(port) == frozenset()


def test_a_process_that_is_gone_listens_nowhere() -> None:
    """It ended between two looks."""
    assert listeners({2**22 + 1: {80}}, HERE) == {2**22 + 1: frozenset()}


@pytest.mark.parametrize(
    ("sockets", "verdict"),
    [
        ([{1, 2}, {3, 4}], Verdict.FAILED),
        ([{1}, set()], Verdict.FAILED),
        ([{1, 2}, {2}], Verdict.PASSED),
        ([set(), set()], Verdict.PASSED),
    ],
)
def test_other_sockets_after_a_soak_are_another_life(
    monkeypatch: pytest.MonkeyPatch, sockets: list[set[int]], verdict: Verdict
) -> None:
    """Where nobody can look, or one of two goes, nothing is claimed."""
    seen = iter(sockets)
    monkeypatch.setattr(health, "listeners", lambda *_: {1: frozenset(next(seen))})
    found = health.CHECK.run(scene(stacks.only("radarr"), FakeEngine([container("radarr")])))

    assert found.verdict is verdict
    assert ("inside its container" in found.said) is (verdict is Verdict.FAILED)
