"""What of the doctrine only a running host can prove: observe, then judge; nothing is repaired.

Each family has an `observe` that asks the engine or runs a few lines of shell inside a container,
and a `judge` that is a pure function from the observation to a `Result`. `prove` runs them all.
"""

from tame_components.probes.engine import DockerEngine
from tame_components.probes.model import Engine, Ran, Result, Verdict
from tame_components.probes.run import PROBES, Host, Probe, prove


__all__ = ["PROBES", "DockerEngine", "Engine", "Host", "Probe", "Ran", "Result", "Verdict", "prove"]
