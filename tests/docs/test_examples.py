"""Every example in a page works as it stands."""

from typing import Any

import pulumi
import pytest
import yaml

from tame_components.catalog import catalog, parse
from tame_components.domain.backup_plan import kept
from tame_components.domain.compose import compose_topology
from tame_components.domain.rendering import container_of
from tame_components.domain.settings_check import check_settings
from tame_components.generated import files_of
from tame_components.ops.graph.mermaid import mermaid
from tests.docs.pages import ROOT, Fence, fences
from tests.harness import stacks
from tests.harness.recorder import Recorder, deploy


CANARY = "canary-of-the-docs-thirty-two-characters-long"


def _ids(fence: Fence) -> str:
    return fence.page


def _run(program: str, *, preview: bool) -> Recorder:
    """*program* as Pulumi would run it, with a root secret and nothing else configured."""

    def body() -> None:
        pulumi.runtime.set_all_config({"tame:root_secret": CANARY}, ["tame:root_secret"])
        exec(compile(program, "<page>", "exec"), {})  # noqa: S102 - our own pages are tested

    try:
        return deploy(body, preview=preview)
    finally:
        pulumi.runtime.set_all_config({}, [])


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "update"])
@pytest.mark.parametrize("fence", fences("python"), ids=_ids)
def test_a_program_deploys(fence: Fence, *, preview: bool) -> None:
    """A reader's first program registers containers, leaks no secret and orphans nothing."""
    recorder = _run(fence.text, preview=preview)
    types = [request.type for request in recorder.requests.values()]

    assert "docker:index/container:Container" in types
    assert recorder.orphans() == []
    assert recorder.plain_occurrences_of(CANARY) == []


def test_the_program_of_the_readme_is_ten_lines() -> None:
    """The README promises ten lines after the imports; statements count, not their line breaks."""
    import ast

    body = ast.parse(fences("python")[0].text).body
    statements = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom)]

    assert fences("python")[0].page == "README.md"
    assert len(statements) <= 10


@pytest.mark.parametrize("fence", fences("toml"), ids=_ids)
def test_one_file_is_enough_for_a_new_app(fence: Fence) -> None:
    """Preview, probe, dashboard, alerts, backup and graph know the app; nobody wrote Python."""
    name = "audiobookshelf"
    app = parse(name, fence.text)
    watching = ("homepage", "prometheus", "blackbox-exporter", "socket-proxy")
    services: dict[str, Any] = {name: {"publish": 13378}, **{one: {} for one in watching}}
    settings = stacks.settings(
        services=services, vpn=None, backup={"repository": "/srv/b"}, observability={}
    )
    assert name not in catalog()
    topology = compose_topology(settings, {**catalog(), name: app})
    container = container_of(topology, topology.service(name))
    files = {
        file.path: file.content
        for one in watching
        for file in files_of(topology, topology.service(one))
    }

    assert not app.image.reference.floats
    assert container.probe is not None
    assert [port.host for port in container.ports] == [13378]
    assert "Audiobookshelf" in files["/app/config/services.yaml"]
    assert "http://audiobookshelf:80/healthcheck" in files["/etc/prometheus/prometheus.yml"]
    assert name in {one.service for one in kept(topology)}
    assert name in mermaid(topology)


SETTINGS = [one for one in fences("yaml") if one.text.startswith("config:")]
"""The others are Compose files: test_compose_pages.py runs them."""


@pytest.mark.parametrize("fence", SETTINGS, ids=_ids)
def test_settings_are_accepted(fence: Fence) -> None:
    """A piece of a settings file is right beside otherwise good settings."""
    config = yaml.safe_load(fence.text)["config"]
    wanted = {key.removeprefix("tame:"): value for key, value in config.items()}
    services = {name: {} for name in stacks.CORE} | wanted.get("services", {})

    assert all(key.startswith("tame:") for key in config)
    assert stacks.topology(**{**wanted, "services": services}).services


@pytest.mark.parametrize("stack", ["dev", "sandbox", "prod"])
def test_the_schema_knows_every_key_of_a_committed_stack(stack: str) -> None:
    """An editor that follows the schema has nothing to say about our own files."""
    import json

    schema: dict[str, Any] = json.loads(
        (ROOT / "docs/reference/settings.schema.json").read_text("utf-8")
    )
    config: dict[str, Any] = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    known = schema["properties"]["config"]
    ours = {key for key in config if key.startswith("tame:")}

    assert ours - set(known["properties"]) == set()
    assert set(known["required"]) <= ours
    values = {key.removeprefix("tame:"): config[key] for key in ours}
    assert check_settings(f"Pulumi.{stack}.yaml", stack, values).stack == stack
