"""A night of `ci/pins`: what it proposes is what a merge of it makes every stack run."""

import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tame_components.catalog import catalog
from tests.harness import stacks
from tests.harness.fake_registry import FakeRegistry, serving
from tests.harness.pushing import MISSING, Checkout


ROOT = Path(__file__).parents[2]
BORN, LATER = "2026-06-01T00:00:00Z", "2026-08-09T12:00:00Z"
RADARR, SONARR = "99.1.2.3-ls400", "99.0.0.1-ls400"
LOCKS = ["images.prod.lock.toml", "images.sandbox.lock.toml"]
pytestmark = [
    pytest.mark.skipif(MISSING, reason="gh, or Git, is not installed here"),
    pytest.mark.skipif(
        not (Path(sys.prefix) / "bin/tame").exists(), reason="tame is not installed beside Python"
    ),
]


def tags(app: str, newest: str) -> dict[str, str]:
    """What the registry has of *app*."""
    return {str(catalog()[app].image.tag): BORN, newest: LATER}


def settle(checkout: Checkout, registry: str) -> None:
    """A project of two stacks, whose images come from *registry*; Python's environment is ours."""
    here = checkout.here
    (here / "ci").mkdir()
    for name in ("pins", "propose", "steps.sh"):
        shutil.copy2(ROOT / "ci" / name, here / "ci" / name)
    setup = here / "ci/setup"
    setup.write_text("#!/bin/sh\n")
    setup.chmod(0o755)
    (here / ".venv").symlink_to(sys.prefix)
    (here / ".gitignore").write_text(".venv\n")
    (here / "Pulumi.yaml").write_text("name: tame\nruntime: python\n")
    for stack in ("sandbox", "prod"):
        values: dict[str, Any] = stacks.values(
            environment=stack,
            vpn=None,
            services={"radarr": {}, "sonarr": {}},
            registry={"mirrors": {"lscr.io": registry}},
        )
        config = {"config": {f"tame:{key}": value for key, value in values.items()}}
        (here / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(config))
    checkout.commit("two stacks")
    checkout.git("push", "--quiet", "origin", "trunk")


def test_updates_become_pull_requests_that_reach_production(tmp_path: Path) -> None:
    """One for each app, once, with both locks; the checkout stays; a newer one names the older."""
    fake = FakeRegistry(
        tags("radarr", RADARR),
        further={"linuxserver/sonarr": tags("sonarr", SONARR)},
        login=False,
    )
    checkout = Checkout(tmp_path)
    with serving(fake) as url, checkout.running(checkout.here / "ci/pins") as pins:
        settle(checkout, url)
        first = pins("sandbox", "prod")
        assert first.returncode == 0, first.stderr
        assert "warning" not in first.stderr
        for pull, (app, newest) in zip(
            checkout.pulls, (("radarr", RADARR), ("sonarr", SONARR)), strict=True
        ):
            branch = f"pins/{app}-{newest}"
            assert (pull["head"]["ref"], pull["base"]["ref"]) == (branch, "trunk")
            assert "prod gets the same image" in pull["body"]
            changed = checkout.git("diff", "--name-only", "trunk", f"origin/{branch}").split()
            assert changed == LOCKS
            sandbox, prod = (
                tomllib.loads(checkout.git("show", f"origin/{branch}:{name}")) for name in LOCKS
            )
            assert sandbox == prod
            assert list(sandbox["pins"]) == [app]
        assert checkout.git("status", "--porcelain") == ""
        assert checkout.git("branch", "--show-current").strip() == "trunk"

        kept = checkout.pulls
        again = pins("sandbox", "prod")
        assert (again.returncode, again.stdout.count("already")) == (0, 2)
        assert checkout.pulls == kept

        fake.own.add("99.1.2.4-ls401", LATER)
        third = pins("sandbox", "prod")
        assert third.returncode == 0, third.stderr
        assert checkout.pulls[:2] == kept
        assert "takes the place of #1" in checkout.pulls[2]["body"]


def test_a_night_that_was_cut_off_before_the_push_is_carried_on(tmp_path: Path) -> None:
    """The branch that is here already is the one that is proposed."""
    sonarr = {str(catalog()["sonarr"].image.tag): BORN}
    fake = FakeRegistry(tags("radarr", RADARR), further={"linuxserver/sonarr": sonarr}, login=False)
    checkout = Checkout(tmp_path)
    branch = f"pins/radarr-{RADARR}"
    with serving(fake) as url, checkout.running(checkout.here / "ci/pins") as pins:
        settle(checkout, url)
        checkout.git("remote", "set-url", "--push", "origin", str(tmp_path / "nowhere"))
        assert pins("sandbox", "prod").returncode == 1
        made = checkout.git("rev-parse", branch)
        checkout.git("remote", "set-url", "--push", "origin", str(checkout.origin))
        done = pins("sandbox", "prod")

    assert done.returncode == 0, done.stderr
    assert len(checkout.pulls) == 1
    assert checkout.git("rev-parse", f"origin/{branch}") == made


def test_changes_that_nobody_committed_are_not_proposed(tmp_path: Path) -> None:
    """A lock in the working tree would enter every branch unseen."""
    checkout = Checkout(tmp_path)
    with checkout.running(checkout.here / "ci/pins") as pins:
        settle(checkout, "http://127.0.0.1:9")
        (checkout.here / LOCKS[0]).write_text("")
        done = pins("sandbox", "prod")

    assert done.returncode == 1
    assert "not committed" in done.stderr
    assert checkout.pulls == []
