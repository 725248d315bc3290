"""A stack behind a VPN, on the engine of another machine."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from testbed.engine import ensure
from testbed.images import build
from tests.e2e.conftest import Make
from tests.e2e.over_ssh.elsewhere import Elsewhere, elsewhere, obstacle
from tests.harness.rehearsal import Rehearsal


SERVICES = ("gluetun", "qbittorrent", "sonarr")


@pytest.fixture(scope="session")
def engine() -> str:
    """The host of a Docker engine that has the stand-ins of a small pipeline."""
    if why := obstacle():
        pytest.skip(f"this machine cannot be two: {why}")
    host = ensure().host
    if not host.startswith("unix://"):
        pytest.skip(f"the engine `{host}` is another machine's already, and not ours to hide")
    build(host, list(SERVICES))
    return host


@dataclass(frozen=True, slots=True)
class Distant:
    """A stack that is deployed from a machine which has neither its engine nor its files."""

    stack: Rehearsal
    far: Elsewhere


@pytest.fixture
def distant(make: Make, engine: str) -> Iterator[Distant]:
    """Laid out; `pulumi` and `tame` run on the machine that deploys."""
    exemptions = [
        {
            "rule": "not-backed-up",
            "service": name,
            "owner": "tests",
            "reason": "a rehearsal keeps nothing",
            "expires": "2099-12-31",
        }
        for name in SERVICES
    ]
    stack = make(*SERVICES, tunnel=True, environment="sandbox", exemptions=exemptions)
    places = [Path(stack.settings["data"]["root"]), Path(stack.settings["config_root"])]
    places[1].mkdir()
    with elsewhere(Path(engine.removeprefix("unix://")), places) as far:
        stack.settings |= {"engine": far.access.engine, "preparation": far.preparation}
        stack._lay_out({"secrets.host.ssh-key": far.access.private_key})
        stack.env["PATH"] = far.path(stack.env["PATH"], "pulumi", "tame", "python")
        yield Distant(stack, far)
