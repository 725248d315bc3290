"""The arrows of docs/architecture.md are true."""

import ast
from pathlib import Path

import pytest


ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tame_components"

MAY_IMPORT = {
    "domain": set[str](),
    "rules": {"domain"},
    "catalog": {"domain"},
    "generated": {"domain"},
    "resources": {"domain", "rules", "catalog", "generated"},
    "probes": {"domain"},
    "ops": {"domain", "rules", "catalog", "generated", "probes"},
    "compose": {"domain", "rules", "catalog", "generated"},
    "cli": {"domain", "rules", "catalog", "generated", "probes", "ops", "compose"},
}
KNOWS_PULUMI = {"resources"}
"""Of the package; `stacks` and `policies` lie beside it."""
DEPLOYS = "tame_components/ops/automation.py"
"""The Automation API behind `ops.deployer`: the one verb's file that knows Pulumi."""


def _imports(folder: Path) -> set[tuple[str, str]]:
    found = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {(str(file.relative_to(ROOT)), alias.name) for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add((str(file.relative_to(ROOT)), node.module))
    return found


def _layer(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "tame_components" and len(parts) > 1 else None


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_a_layer_imports_only_what_is_below_it(layer: str) -> None:
    """No arrow of the architecture points up."""
    imports = _imports(PACKAGE / layer)
    allowed = MAY_IMPORT[layer] | {layer, None}
    wrong = {(file, module) for file, module in imports if _layer(module) not in allowed}

    assert imports, f"{layer} has no imports: is it there?"
    assert wrong == set()


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_only_resources_know_pulumi(layer: str) -> None:
    """Plain facts, rules, verbs and the command line live without Pulumi's SDK."""
    modules = {(file, module.split(".")[0]) for file, module in _imports(PACKAGE / layer)}
    found = {
        (file, module)
        for file, module in modules
        if module.startswith("pulumi") and file != DEPLOYS
    }

    assert layer in KNOWS_PULUMI or found == set()


def test_nothing_that_is_shipped_imports_the_test_bed() -> None:
    """Rehearsal is a way to use TAME, never a part of it."""
    folders = [PACKAGE, ROOT / "stacks", ROOT / "policies"]
    wrong = {
        (file, module)
        for folder in folders
        for file, module in _imports(folder)
        if module.split(".")[0] in {"testbed", "tests", "bench"}
    }

    assert wrong == set()


def test_only_policies_import_pulumi_policy() -> None:
    """CrossGuard's SDK serves and sleeps when it is imported carelessly (pitfall P18)."""
    folders = [PACKAGE, ROOT / "stacks", ROOT / "testbed"]
    wrong = {f for folder in folders for f, module in _imports(folder) if "pulumi_policy" in module}

    assert wrong == set()
