"""The agent's own dials."""

from typing import Annotated, Literal

from pydantic import Field

from tame_components.domain.base import Frozen


Window = Annotated[
    str,
    Field(pattern=r"^(mon|tue|wed|thu|fri|sat|sun|daily) ([01]\d|2[0-3]):[0-5]\d [1-9]\d?h$"),
]
"""A weekly time and how long, e.g. `sun 04:00 2h`."""


class AgentSettings(Frozen):
    """What the agent may do by itself."""

    heal: Literal["observe", "ask", "act"] = "act"
    """`observe`: it only tells. `ask`: it plans and waits for a person. `act`: it heals."""
    interval: int = Field(default=10, ge=2, le=300)
    """Seconds between two looks."""
    maintenance: tuple[Window, ...] = ()
    """When it leaves everything alone."""
    restarts_per_hour: int = Field(default=3, ge=0, le=20)
    """The budget of each service; spent, it tells and stops trying."""
