"""How strict each rule is in each environment: one table, read by everybody."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """What a violation does."""

    MANDATORY = "mandatory"
    """It stops the deployment."""
    ADVISORY = "advisory"
    """It is reported."""
    OFF = "off"
    """Nobody looks."""


@dataclass(frozen=True, slots=True)
class Levels:
    """How strict a rule is in each environment."""

    dev: Level
    sandbox: Level
    prod: Level

    def at(self, environment: str) -> Level:
        """The level in *environment*; an environment that nobody knows is treated as prod."""
        return {"dev": self.dev, "sandbox": self.sandbox}.get(environment, self.prod)


_M, _A, _O = Level.MANDATORY, Level.ADVISORY, Level.OFF

ALWAYS = Levels(_M, _M, _M)
ADVICE = Levels(_A, _A, _A)
IN_PROD = Levels(_A, _A, _M)
LOCKED = Levels(_O, _A, _M)
"""For what only a lock of released images can give: a rehearsal of every day has none."""
PRECIOUS = Levels(_A, _M, _M)
"""For what protects work that somebody would miss: a dev stack's is thrown away."""

LEVELS: dict[str, Levels] = {
    "R01": ALWAYS,
    "R02": LOCKED,
    "R03": ALWAYS,
    "R04": ADVICE,
    "R05": ALWAYS,
    "R06": ALWAYS,
    "R08": ADVICE,
    "R09": ALWAYS,
    "R10": ALWAYS,
    "R10A": ALWAYS,
    "R11": ALWAYS,
    "R12": IN_PROD,
    "R13": ALWAYS,
    "R14": ALWAYS,
    "R15": ALWAYS,
    "R16": ALWAYS,
    "R17": ALWAYS,
    "R18": ALWAYS,
    "R19": ALWAYS,
    "R20": ALWAYS,
    "R21": ALWAYS,
    "R22": ADVICE,
    "R23": ALWAYS,
    "R23A": ADVICE,
    "R24": ALWAYS,
    "R24A": ADVICE,
    "R25": ALWAYS,
    "R26": ALWAYS,
    "R27": ADVICE,
    "R27A": ADVICE,
    "R28": ALWAYS,
    "R29": ALWAYS,
    "R29A": ADVICE,
    "R30": ALWAYS,
    "R31": ADVICE,
    "R31A": ALWAYS,
    "R31B": ADVICE,
    "R32": ADVICE,
    "R33": ALWAYS,
    "R34": PRECIOUS,
    "R35": ALWAYS,
    "R36": ALWAYS,
    "R37": ADVICE,
    "R38": ADVICE,
    "R39": IN_PROD,
    "R39A": ADVICE,
}
"""By the rule's number. `--policy-pack-config` may change a level for one run of the pack."""
