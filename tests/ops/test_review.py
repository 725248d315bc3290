"""What a change does is said by service, in words, and nothing that happens is left out."""

from pathlib import Path

import pytest

from tame_components.ops.blast_radius import Effect, blast_radius
from tame_components.ops.deployer import Outcome, PolicyFinding, Step
from tame_components.ops.review import MARK, markdown, review
from tame_components.ops.review_sarif import sarif
from tests.harness import stacks


CONTAINER = "docker:index/container:Container"


def _step(operation: str, name: str, *reasons: str, kind: str = CONTAINER) -> Step:
    urn = f"urn:pulumi:test::tame::{kind}::{name}"
    return Step(operation=operation, urn=urn, type=kind, reasons=reasons)


def _replaced(service: str, *reasons: str) -> list[Step]:
    name = f"{service}-container"
    kinds = ("delete-replaced", "replace", "create-replacement")
    return [_step(kind, name, *reasons) for kind in kinds]


@pytest.mark.parametrize(
    ("steps", "effect"),
    [
        ([_step("create", "radarr-container")], Effect.NEW),
        ([_step("delete", "radarr-container")], Effect.REMOVED),
        ([_step("update", "radarr-container", "memory")], Effect.CHANGED),
        (_replaced("radarr", "image!"), Effect.RECREATED),
    ],
)
def test_each_service_has_one_effect(steps: list[Step], effect: Effect) -> None:
    """Three steps of the engine are one thing that happens to a service."""
    (touched,) = blast_radius(stacks.topology(), Outcome("preview", tuple(steps))).services

    assert (touched.service, touched.effect) == ("radarr", effect)


def test_a_replaced_gateway_takes_its_members_along() -> None:
    """The review names the member too, and why: nobody wonders why downloads stop."""
    steps = [*_replaced("gluetun", "image!"), *_replaced("qbittorrent", "networkMode!")]
    radius = blast_radius(stacks.topology(), Outcome("preview", tuple(steps)))
    by_name = {one.service: one for one in radius.services}

    assert by_name["gluetun"].why == ("another image",)
    assert "follows its VPN gateway" in by_name["qbittorrent"].why[0]


def test_what_is_recreated_is_snapshotted_and_away() -> None:
    """A service that keeps state is worth a snapshot; how long it is away is not a secret."""
    steps = (*_replaced("radarr", "image!"), *_replaced("dozzle", "image!"))
    radius = blast_radius(stacks.topology(), Outcome("preview", steps))
    radarr, dozzle = radius.services[1], radius.services[0]

    assert (radarr.snapshot, dozzle.snapshot) == (True, False)
    assert radius.downtime == (2, 120 + 90)


@pytest.mark.parametrize(("service", "changes"), [("gluetun", {}), ("radarr", {"host": "gpu-box"})])
def test_no_snapshot_is_announced_that_nobody_can_make(
    service: str, changes: dict[str, str]
) -> None:
    """Neither of a cache nor of what lies on another machine: `tame backup` refuses both."""
    services = {service: changes}
    topology = stacks.topology(services=services, hosts=stacks.OTHER_HOST)
    outcome = Outcome("preview", tuple(_replaced(service, "image!")))
    (touched,) = blast_radius(topology, outcome).services

    assert not touched.snapshot


def test_nothing_is_left_out_and_nothing_invented() -> None:
    """Other resources are listed; TAME's components and Pulumi's own are no news."""
    steps = (
        _step("create", "media-net", kind="docker:index/network:Network"),
        _step("create", "radarr", kind="tame:index:ArrService"),
        _step("same", "sonarr-container"),
    )
    radius = blast_radius(stacks.topology(), Outcome("preview", steps))

    assert radius.services == ()
    assert radius.others == ("media-net: new",)


def test_the_comment_reads_without_pulumi() -> None:
    """A table of services; violations in front; no URN anywhere."""
    finding = PolicyFinding("image-floats", "mandatory", "pin it", "urn:pulumi:t::t::x::radarr")
    outcome = Outcome("preview", tuple(_replaced("radarr", "image!")), findings=(finding,))
    text = markdown([review(stacks.topology(), outcome)])

    assert text.startswith(MARK)
    assert "| radarr | recreated | another image | 2 s to 4 min | yes |" in text
    assert text.index("The doctrine stops it") < text.index("| radarr |")
    assert "urn:" not in text


def test_a_failed_preview_says_so_first() -> None:
    """Nobody takes a preview that failed for one without changes."""
    text = markdown([review(stacks.topology(), Outcome("preview"), "no such image")])

    assert "**It cannot be deployed.**" in text
    assert "no such image" in text


def test_the_comment_in_the_docs_is_ours() -> None:
    """The example that docs/how-to/deploy-from-github.md shows is made by this code."""
    page = Path(__file__).parents[2] / "docs/how-to/deploy-from-github.md"
    steps = (
        *_replaced("radarr", "image!"),
        *_replaced("gluetun", "image!"),
        *_replaced("qbittorrent", "networkMode!"),
        _step("update", "sonarr-container", "memory", "memorySwap"),
        _step("create", "radarr-image", kind="docker:index/remoteImage:RemoteImage"),
        _step("create", "gluetun-image", kind="docker:index/remoteImage:RemoteImage"),
    )
    text = markdown([review(stacks.topology("sandbox"), Outcome("preview", steps))])
    shown = text.removeprefix(f"{MARK}\n")

    assert shown.strip() in page.read_text("utf-8")


def test_what_the_sandbox_has_yet_to_prove_is_said_and_stops_no_review() -> None:
    """A pull request comes before the proof: prod refuses the release until then, not the merge."""
    said = PolicyFinding("unproved-release", "advisory", "other-release: image of `radarr`\n")
    outcome = Outcome("preview", tuple(_replaced("radarr", "image!")), findings=(said,))
    found = review(stacks.topology(), outcome)
    text = markdown([found])

    assert (found.violations, found.advice) == ((), ())
    assert found.unproved == ("other-release: image of `radarr`",)
    assert "After the merge the sandbox proves it" in text
    assert "Advice" not in text


def test_code_scanning_gets_each_finding_once_at_its_settings_file() -> None:
    """Violations are errors, advice are warnings; two runs of one change are the same alerts."""
    said = (
        PolicyFinding("image-floats", "mandatory", "tag floats\n", "urn:x::radarr-image"),
        PolicyFinding("unwatched-stack", "advisory", "nothing watches"),
        PolicyFinding("unproved-release", "advisory", "the sandbox comes after the merge"),
    )
    found = review(stacks.topology(), Outcome("preview", findings=said))
    log = sarif([found], "1.0")
    (run,) = log["runs"]

    assert [(one["ruleId"], one["level"]) for one in run["results"]] == [
        ("image-floats", "error"),
        ("unwatched-stack", "warning"),
    ]
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place == f"Pulumi.{found.stack}.yaml"
    assert log == sarif([found], "1.0")
