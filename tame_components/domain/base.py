"""The base of every plain fact."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A fact that cannot change and refuses fields it does not know.

    Inputs are left out of validation errors, because a wrong value may be a secret.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        defer_build=True,
    )


class Sourced(Frozen):
    """A fact about somebody else's program, with the place where it can be checked."""

    source: str
    """A URL, or `application, file` in the application's own repository."""
