"""The stand-in language host under the real Pulumi CLI."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from testbed.engine.processes import ended
from tests.harness.waiting import eventually


ROOT = Path(__file__).parents[2]
COMPONENTS = """
    import pulumi

    class Thing(pulumi.ComponentResource):
        def __init__(self, name):
            super().__init__("tame:index:Thing", name)
            self.register_outputs({"name": name})

    for name in ("one", "two"):
        Thing(name)
    print("said by the program")
"""
EXPORTS = """
    pulumi.export("stack", pulumi.get_stack())
    pulumi.export("word", pulumi.Config().require_secret("word"))
"""
SLEEPER = """
    import os, pathlib, time
    pathlib.Path("pid.new").write_text(str(os.getpid()))
    pathlib.Path("pid.new").rename("pid")
    time.sleep(600)
"""


@dataclass(frozen=True)
class Project:
    """A Pulumi project in a directory of its own, with state and plugins of its own."""

    directory: Path
    cli: str
    environment: dict[str, str]

    def program(self, text: str, **options: str) -> None:
        """Makes *text* the program, and *options* the runtime options."""
        (self.directory / "__main__.py").write_text(textwrap.dedent(text))
        runtime = {"name": "python", "options": options}
        project = {"name": "trial", "runtime": runtime}
        (self.directory / "Pulumi.yaml").write_text(json.dumps(project))

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the CLI to its end."""
        return subprocess.run(
            [self.cli, *arguments, "--non-interactive"],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def diagnostics(self) -> str:
        """What a failing preview says at its end, where each message stands once."""
        done = self.pulumi("preview", "--color", "never")
        assert done.returncode != 0, done.stdout
        return done.stdout.partition("\nDiagnostics:\n")[2]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An initialised stack of a rehearsal, whose only language host is the stand-in."""
    path = f"{ROOT / '.tame' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    cli = shutil.which("pulumi", path=path)
    if cli is None:
        pytest.skip("no Pulumi: run `ci/toolchain/ensure`")
    binaries, directory = tmp_path / "bin", tmp_path / "project"
    for made in (binaries, directory, tmp_path / "state"):
        made.mkdir()
    wrapper = binaries / "pulumi-language-python"
    module = "testbed.toolchain.language_host"
    wrapper.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m {module} "$@"\n')
    wrapper.chmod(0o755)
    environment = {
        "HOME": str(tmp_path),
        "PATH": f"{binaries}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "trial",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    one = Project(directory, cli, environment)
    one.program(COMPONENTS)
    done = one.pulumi("stack", "init", "trial")
    assert done.returncode == 0, done.stderr
    with (directory / "Pulumi.trial.yaml").open("a") as settings:
        settings.write('config:\n  tame:rehearsal: "true"\n')
    return one


pytestmark = pytest.mark.e2e


def test_a_program_is_previewed_updated_and_then_unchanged(project: Project) -> None:
    """Resources, configuration, secrets, outputs and what the program prints reach the engine."""
    hidden = project.pulumi("config", "set", "--secret", "word", "canary-of-the-trial")
    assert hidden.returncode == 0, hidden.stderr
    project.program(COMPONENTS + EXPORTS)

    preview = project.pulumi("preview", "--color", "never")
    assert preview.returncode == 0, preview.stdout
    assert "+ 3 to create" in preview.stdout
    assert "said by the program" in preview.stdout

    update = project.pulumi("up", "--yes", "--skip-preview", "--color", "never")
    assert update.returncode == 0, update.stdout
    outputs = json.loads(project.pulumi("stack", "output", "--json", "--show-secrets").stdout)
    assert outputs == {"stack": "trial", "word": "canary-of-the-trial"}
    assert "canary-of-the-trial" not in project.pulumi("stack", "export").stdout

    again = project.pulumi("preview", "--expect-no-changes", "--color", "never")
    assert again.returncode == 0, again.stdout
    assert "3 unchanged" in again.stdout


def test_what_is_no_rehearsal_is_previewed_and_not_changed(project: Project) -> None:
    """Without `tame:rehearsal` an update is refused by name and code, and the state stays empty."""
    assert project.pulumi("config", "rm", "tame:rehearsal").returncode == 0
    assert project.pulumi("preview").returncode == 0

    update = project.pulumi("up", "--yes", "--skip-preview", "--color", "never")

    assert update.returncode != 0
    assert "TAME711" in update.stdout
    assert "serves rehearsals only" in update.stdout
    state = json.loads(project.pulumi("stack", "export").stdout)["deployment"]
    assert [r for r in state.get("resources", ()) if r["type"].startswith("tame:")] == []


def test_the_virtualenv_of_the_project_runs_the_program(project: Project) -> None:
    """`virtualenv`, relative to Pulumi.yaml, decides the interpreter and is first on its PATH."""
    venv = project.directory / "own"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(
        "\n".join(path for path in sys.path if path.endswith("-packages"))
    )
    project.program(
        """
        import os, shutil, sys
        print(sys.prefix, os.environ["VIRTUAL_ENV"], shutil.which("python"))
        """,
        virtualenv="own",
    )

    said = project.pulumi("preview", "--color", "never")

    assert said.returncode == 0, said.stdout
    assert f"{venv} {venv} {venv}/bin/python" in said.stdout


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"virtualenv": "absent"}, "TAME713"),
        ({"typechecker": "mypy"}, "TAME712"),
        ({"toolchain": "poetry"}, "TAME712"),
    ],
)
def test_what_cannot_be_honoured_is_refused(
    project: Project, options: dict[str, str], code: str
) -> None:
    """A runtime option is honoured or refused by name; never ignored."""
    project.program(COMPONENTS, **options)

    assert code in project.diagnostics()


def test_a_users_mistake_is_shown_once_without_a_trace(project: Project) -> None:
    """A RunError's text stands once among the diagnostics, and nothing is added to it."""
    project.program('import pulumi\nraise pulumi.RunError("port 70000 [TAME201]")\n')

    said = project.diagnostics()

    assert said.count("port 70000") == 1
    assert said.count("error:") == 1
    assert "Traceback" not in said


def test_a_bug_is_shown_with_the_programs_own_frames(project: Project) -> None:
    """The traceback begins in the program: neither the language host nor `runpy` is in it."""
    project.program('def wrong():\n    raise ValueError("boom")\n\nwrong()\n')

    said = project.diagnostics()

    assert said.count("ValueError: boom") == 1
    assert f'{project.directory}/__main__.py", line 4' in said
    assert "runner.py" not in said
    assert "runpy" not in said


def test_a_missing_program_is_named(project: Project) -> None:
    """A project without `__main__.py` is an error in one line."""
    (project.directory / "__main__.py").unlink()

    said = project.diagnostics()

    assert "no program" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["SIGINT", "SIGKILL"])
def test_the_program_ends_with_the_cli(project: Project, number: signal.Signals) -> None:
    """A cancelled or killed CLI leaves no process behind, and no traceback on the screen."""
    project.program(SLEEPER)
    said = project.directory / "said"
    with (
        said.open("w") as output,
        subprocess.Popen(
            [project.cli, "preview", "--non-interactive", "--color", "never"],
            cwd=project.directory,
            env=project.environment,
            stdout=output,
            stderr=output,
        ) as cli,
    ):
        eventually((project.directory / "pid").exists, within=120)
        program = int((project.directory / "pid").read_text())
        assert not ended(program)
        cli.send_signal(number)
        cli.wait(60)

    eventually(lambda: ended(program))
    assert cli.returncode != 0
    assert "Traceback" not in said.read_text()


def test_a_policy_pack_judges_the_program(project: Project) -> None:
    """A mandatory rule stops the preview by name; the same pack lets an innocent program pass."""
    pack = project.directory / "pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text(json.dumps({"runtime": {"name": "python"}}))
    (pack / "__main__.py").write_text(
        textwrap.dedent("""
            from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

            def judge(args, report):
                if args.name == "two":
                    report("two is too many")

            rule = ResourceValidationPolicy(
                name="no-two", description="No two", validate=judge,
                enforcement_level=EnforcementLevel.MANDATORY)
            PolicyPack("trial", policies=[rule])
        """)
    )

    stopped = project.pulumi("preview", "--policy-pack", str(pack), "--color", "never")
    assert stopped.returncode != 0
    assert "two is too many" in stopped.stdout

    project.program(COMPONENTS.replace('"one", "two"', '"one", "three"'))
    passed = project.pulumi("preview", "--policy-pack", str(pack), "--color", "never")
    assert passed.returncode == 0, passed.stdout
