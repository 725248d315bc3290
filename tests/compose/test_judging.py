"""Verdicts: kept, broken, undecidable, allowed; each with its line."""

from pathlib import Path

import pytest

from tame_components.compose.containers import facts_of
from tame_components.compose.judging import Verdict, judge_project
from tame_components.compose.loading import load
from tame_components.compose.outcomes import outcome
from tame_components.compose.services import read_services
from tame_components.compose.worlds import World
from tame_components.rules import Scope
from tests.compose.stacks import judged, project, verdicts, written


V, U = Verdict.VIOLATION, Verdict.UNDECIDABLE


def test_what_cannot_be_known_is_undecidable() -> None:
    """An unset tag, address or path leaves open what depends on it, and nothing else."""
    found = verdicts(judged("variables.yml"), "radarr")

    assert found["floating-image-tag"] is U
    assert found["unbound-port"] is U
    assert "split-data-tree" not in found
    assert "literal-secret" not in found
    assert "split-data-tree" in verdicts(judged("variables.yml"), "sonarr")


@pytest.mark.parametrize(
    ("image", "variable", "rule"),
    [
        ("qmcgaw/gluetun:v3.41.3", "FIREWALL_OUTBOUND_SUBNETS", "open-killswitch"),
        ("qmcgaw/gluetun:v3.41.3", "FIREWALL", "open-killswitch"),
        ("qmcgaw/gluetun:v3.41.3", "DNS_ADDRESS", "leaky-tunnel"),
        ("lscr.io/linuxserver/plex:1.43.3", "VERSION", "self-updating-image"),
        ("lscr.io/linuxserver/plex:1.43.3", "AUTO_UPDATE", "automatic-updater"),
        ("lscr.io/linuxserver/plex:1.43.3", "DOCKER_MODS", "unpinned-mod"),
    ],
)
def test_a_variable_of_the_environment_is_not_guessed(
    tmp_path: Path, image: str, variable: str, rule: str
) -> None:
    """Whether it is harmless depends on a value that is not here."""
    entry = f"services: {{a: {{image: '{image}', environment: {{{variable}: '${{UNSET}}'}}}}}}"
    found = judge_project(load([written(tmp_path, entry)]))

    assert verdicts(found, "a")[rule] is U
    assert any("`UNSET` is not set" in one.message for one in found.findings)


@pytest.mark.parametrize(
    "name", ["variables.yml", "missing_env_file.yml", "import/docker-compose.yml"]
)
def test_asking_once_changes_no_answer(name: str) -> None:
    """What two worlds agree on is judged in one of them, with the same result."""
    reads = read_services(project(name))
    facts = facts_of(reads)
    scopes = [Scope(containers=facts(world), complete=True, networks={}) for world in World]
    first = outcome(scopes[0])

    for scope in scopes[1:]:
        assert outcome(scope, first) == outcome(scope)


def test_a_default_decides() -> None:
    """`${TAG:-latest}` is `latest` for everybody who sets nothing."""
    assert verdicts(judged("variables.yml"), "sonarr")["floating-image-tag"] is V


def test_an_undecidable_verdict_says_why() -> None:
    """The variable is named, and the line is the entry's."""
    (one,) = [f for f in judged("variables.yml").findings if f.rule.name == "unbound-port"]

    assert "`LAN_IP` is not set" in one.message
    assert one.place.line == 6


def test_a_missing_env_file_leaves_the_environment_open() -> None:
    """What is written is judged all the same; what may lie in the file is not guessed."""
    found = verdicts(judged("missing_env_file.yml"), "radarr")

    assert found["literal-secret"] is V
    assert found["automatic-updater"] is U


def test_an_image_that_is_built_here() -> None:
    """Its tag says nothing, so the rules about tags cannot judge."""
    assert verdicts(judged("build.yml"), "mine")["floating-image-tag"] is U


def test_config_on_a_share_is_found_through_the_driver() -> None:
    """The driver options of a named volume are part of the mount."""
    assert verdicts(judged("share.yml"), "radarr")["config-on-network-share"] is V


def test_namespaces_of_a_gateway_are_understood() -> None:
    """A client behind `service:gluetun` is behind the VPN; so is one by container name."""
    found = judged("network.yml")

    assert "torrent-off-vpn" not in verdicts(found, "qbittorrent")
    assert "torrent-off-vpn" not in verdicts(found, "transmission")


def test_x_tame_speaks_for_the_stack() -> None:
    """Environment, data root and exemptions may stand in the file itself; others are ignored."""
    found = judged("exempt.yml", None)

    assert "unbound-port" not in verdicts(found, "plex")
    assert found.counts[Verdict.EXEMPT] == 1
    assert "unfiltered-docker-socket" not in verdicts(found, "plex")


def test_an_exemption_that_is_none_is_refused(tmp_path: Path) -> None:
    """Without owner and end nothing is allowed."""
    file = written(tmp_path, "x-tame: {exemptions: [{rule: unbound-port}]}\nservices: {}\n")

    with pytest.raises(Exception, match="an exemption needs"):
        judge_project(load([file]))


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("floating-image-tag", 3),
        ("literal-secret", 7),
        ("unbound-port", 10),
        ("writable-docker-socket", 13),
        ("privileged-container", 14),
    ],
)
def test_a_finding_points_to_its_line(tmp_path: Path, rule: str, line: int) -> None:
    """The entry that offends, not only the service."""
    file = written(
        tmp_path,
        "services:\n  tool:\n    image: example/tool:latest\n    networks: [net]\n"
        "    environment:\n      TZ: Etc/UTC\n      API_TOKEN: 0123456789abcdef0123\n"
        "    ports:\n      - 127.0.0.1:1:1\n      - 8080:80\n"
        "    volumes:\n      - ./a:/a\n      - /var/run/docker.sock:/var/run/docker.sock\n"
        "    privileged: true\n",
    )
    found = [f for f in judge_project(load([file])).findings if f.rule.name == rule]

    assert [one.place.line for one in found] == [line]


def test_no_secret_is_printed(tmp_path: Path) -> None:
    """Variables are named; their values are nobody's business."""
    file = written(
        tmp_path,
        "services: {a: {image: 'x/y:latest', environment: {API_TOKEN: 0123canary4567, "
        "URL: 'http://me:canary@host/'}}}",
    )
    found = judge_project(load([file]))

    assert {"literal-secret"} <= set(verdicts(found, "a"))
    assert "canary" not in " ".join(f"{one.message} {one.hint}" for one in found.findings)


def test_what_is_not_followed_is_told(tmp_path: Path) -> None:
    """A remote include is never fetched; absence is then no fact any more."""
    file = written(tmp_path, "include: ['oci://example.org/stack']\nservices: {}\n")

    assert load([file]).notes == ("`include` of `oci://example.org/stack` is not followed",)
