"""`remote.Command` really runs over SSH, on a server of this test's own on loopback."""

from pathlib import Path
from typing import Any

import pytest

from testbed.toolchain.command_provider.command import REMOTE, check, diff
from testbed.toolchain.command_provider.errors import CommandFailed
from testbed.toolchain.command_provider.over_ssh import reaching
from testbed.toolchain.command_provider.running import Printed, Runner
from tests.toolchain.command_provider.conftest import Server


CONNECTION = {"host": "nas", "port": 22, "user": "root", "privateKey": "k", "dialErrorLimit": 10}


def run(connection: dict[str, Any], command: str, **inputs: Any) -> Printed:
    with reaching(connection) as ssh:
        return Runner().run(command, {**inputs, "interpreter": ssh}, Printed(), lambda _: None)


def test_a_command_runs_there(server: Server) -> None:
    """What is asked runs on the host, with its input and quoting, and what it prints comes back."""
    printed = run(server.connection, "cat; echo \"$SSH_CONNECTION\" 'a  b' >&2", stdin="in\n")

    assert printed.stdout == "in"
    assert printed.stderr.startswith("127.0.0.1 ")
    assert printed.stderr.endswith("a  b")


def test_a_failure_there_is_a_failure_here(server: Server) -> None:
    """The remote exit status and what was printed are in the error."""
    with pytest.raises(CommandFailed, match=r"exit status 7[\s\S]*no disk"):
        run(server.connection, "echo no disk >&2; exit 7")


def test_the_host_must_prove_who_it_is(server: Server, tmp_path: Path) -> None:
    """With `hostKey` the right host is taken, and one with another key is not."""
    other = " ".join((tmp_path / "user.pub").read_text().split()[:2])

    assert run({**server.connection, "hostKey": server.host_key}, "echo in").stdout == "in"
    with pytest.raises(CommandFailed, match="exit status 255"):
        run({**server.connection, "hostKey": other}, "echo in")


def test_a_wrong_key_is_refused(server: Server, tmp_path: Path) -> None:
    """No other key of this machine is tried in its place."""
    wrong = {**server.connection, "privateKey": (tmp_path / "host").read_text()}
    with pytest.raises(CommandFailed, match="exit status 255"):
        run(wrong, "echo in")


def test_no_key_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a command runs nobody else can read its key; afterwards there is none."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with reaching(CONNECTION) as ssh:
        key = Path(next(part for part in ssh if part.startswith("IdentityFile=")).split("=")[1])
        assert key.stat().st_mode & 0o077 == 0

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("inputs", "refused"),
    [
        ({"connection": CONNECTION, "create": "x"}, []),
        ({"create": "x"}, ["connection"]),
        ({"connection": {**CONNECTION, "password": "p"}}, ["connection.password"]),
        ({"connection": {**CONNECTION, "port": "22"}}, ["connection.port"]),
        ({"connection": CONNECTION, "dir": "/"}, ["dir"]),
    ],
)
def test_what_is_not_implemented_is_refused_by_name(
    inputs: dict[str, Any], refused: list[str]
) -> None:
    """A property that the stand-in does not know never passes in silence."""
    assert [name for name, _ in check(inputs, REMOTE)] == refused


def test_another_way_to_the_host_is_an_update() -> None:
    """Only `triggers` replace; a rotated key runs the script again, which is safe."""
    old = {"connection": CONNECTION, "create": "x", "triggers": [1], "stdout": "", "stderr": ""}
    news = {"connection": {**CONNECTION, "privateKey": "n"}, "create": "x", "triggers": [2]}

    assert diff(old, news) == {"connection.privateKey": "update", "triggers[0]": "update-replace"}
