"""A repository whose stack was promoted, and went back: what Git has, and what the host keeps."""

from pathlib import Path
from typing import Any

import yaml

from tame_components.domain.analysis import Verdict
from tame_components.ops.project import Project, StackFile
from tame_components.ops.promote.history import Verb
from tame_components.ops.promote.places import Held, Incident, Places, Record, release_id
from tame_components.ops.revision import revision_of
from tests.domain.test_evidence import evidence
from tests.harness import stacks
from tests.harness.pushing import git


IMAGE = "example.org/radarr:{}"


class Home:
    """A project of one stack in a repository, and what its host keeps of promotions."""

    def __init__(self, root: Path, state: Path, inner: str = ".") -> None:
        self.root, self.state = root, state
        self.project = root / inner
        self.project.mkdir(parents=True, exist_ok=True)
        (self.project / "Pulumi.yaml").write_text("name: media\nruntime: python\n")

    def git(self, *arguments: str) -> str:
        """What Git prints."""
        return git(self.root, *arguments).strip()

    def write(self, tag: str, **settings: Any) -> None:
        """The settings ask for *tag*."""
        values = stacks.values(
            vpn=None,
            services={"radarr": {"image": IMAGE.format(tag)}},
            config_root=str(self.state),
            **settings,
        )
        config = {f"tame:{key}": value for key, value in values.items()}
        (self.project / "Pulumi.test.yaml").write_text(yaml.safe_dump({"config": config}))

    def commit(self, title: str) -> str:
        """Everything; the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", title)
        return self.git("rev-parse", "HEAD")

    def ask(self, tag: str) -> str:
        """A commit that asks for *tag*."""
        self.write(tag)
        return self.commit(f"radarr {tag}")

    def merge(self, tag: str) -> str:
        """The same as a pull request: two commits, and their merge."""
        self.git("switch", "--quiet", "--create", f"radarr-{tag}")
        self.write(tag, timezone="Europe/Oslo")
        self.commit("on the way")
        self.ask(tag)
        self.git("switch", "--quiet", "-")
        merge = ("merge", "--quiet", "--no-ff", "--message", f"Merge radarr {tag}")
        self.git(*merge, f"radarr-{tag}")
        return self.git("rev-parse", "HEAD")

    @property
    def stack(self) -> StackFile:
        """As the checkout says now."""
        return Project(self.project).stack_file("test")

    @property
    def places(self) -> Places:
        """What the host keeps."""
        return Places.of(self.stack.topology)

    def runs(self) -> None:
        """What the checkout asks for was promoted."""
        topology = self.stack.topology
        release = {**topology.release, "program": revision_of(self.project)}
        told = {
            "id": release_id(topology),
            "release": release,
            "promoted": "2026-11-21T10:00:00+00:00",
            "seconds": 1.0,
            "evidence": "",
        }
        self.places.promoted(Record.model_validate(told), self.stack.path)

    def goes_back(self) -> None:
        """What the checkout asks for was tried, failed the gate, and was rolled back."""
        asked, places = release_id(self.stack.topology), self.places
        files = {}
        places.evidence.mkdir(parents=True, exist_ok=True)
        for name, verdict in (("refuted", Verdict.FAILED), ("evidence", Verdict.PASSED)):
            one = evidence()
            check = one.checks[0].model_copy(update={"verdict": verdict, "said": f"it | {name}"})
            file = places.evidence / f"{name}.json"
            file.write_text(one.model_copy(update={"checks": (check,)}).model_dump_json())
            files[name] = str(file)
        current = places.current()
        assert current is not None
        incident = Incident(
            time="2026-11-21T11:00:00+00:00",
            stack="test",
            verb=Verb.PROMOTE,
            release=asked,
            previous=current.id,
            reason="the gate says failed",
            snapshots={"radarr": "4f2a11c0"},
            rolled_back=True,
            wrong=(),
            refuted=files["refuted"],
            evidence=files["evidence"],
        )
        held = Held(
            release=asked,
            why=incident.reason,
            since=incident.time,
            program=revision_of(self.project),
            incident=str(places.incident(incident)),
        )
        places.hold(held)
