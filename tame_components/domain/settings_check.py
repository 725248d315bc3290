"""From loose values to `StackSettings`, with every mistake named at once."""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tame_components.domain.errors import Mistake, SettingsInvalid, TameError, listed
from tame_components.domain.settings import StackSettings


SECRET_KEYS = ("root_secret", "secrets")
"""Keys of the same file that hold secrets; they never become part of the settings."""

_SECRET_LIKE = re.compile(r"pass|token|key|secret|private", re.IGNORECASE)
_LONGEST = 60


def check_settings(file: str, stack: str, values: Mapping[str, Any]) -> StackSettings:
    """The settings that *values* amount to.

    Args:
        file: where they come from, for messages.
        stack: the stack's name.
        values: the `tame:` keys of the file without their prefix; secrets may be among them.

    Raises:
        SettingsInvalid: listing every mistake with key, what was got and what is allowed.
    """
    plain = {key: value for key, value in values.items() if key not in SECRET_KEYS}
    try:
        return StackSettings.model_validate({**plain, "stack": stack})
    except ValidationError as error:
        mistakes = [_mistake(fault, plain) for fault in error.errors(include_url=False)]
        raise SettingsInvalid(file, mistakes) from None
    except TameError as error:
        raise SettingsInvalid(file, [Mistake("settings", error.what, error.hint)]) from None


def _mistake(fault: ErrorDetails, values: Mapping[str, Any]) -> Mistake:
    location = [part for part in fault["loc"] if part not in _TAGS]
    key = "tame:" + ".".join(str(part) for part in location)
    match fault["type"]:
        case "missing":
            return Mistake(key, "nothing", "a value: the key is required")
        case "extra_forbidden":
            known = _keys_at(location[:-1])
            close = difflib.get_close_matches(str(location[-1]), known, 1)
            guess = f"; did you mean `{close[0]}`?" if close else ""
            return Mistake(key, "an unknown key", f"{listed(known)}{guess}")
        case _:
            return Mistake(key, _shown(location, values), _allowed(fault))


_TAGS = frozenset({"[key]", "function-after[_absolute(), str]"})
"""Parts of a location that are pydantic's own and mean nothing to a person."""


def _shown(location: Sequence[str | int], values: Mapping[str, Any]) -> str:
    """The wrong value in one line; hidden where it looks like a secret that went astray."""
    if any(_SECRET_LIKE.search(str(part)) for part in location):
        return "a value that is not shown"
    found: Any = values
    for part in location:
        try:
            found = found[part]
        except (KeyError, IndexError, TypeError):
            return f"`{part}`"
    text = str(found)
    return f"`{text[:_LONGEST]}…`" if len(text) > _LONGEST else f"`{text}`"


def _allowed(fault: ErrorDetails) -> str:
    message = fault["msg"].removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _keys_at(location: Sequence[str | int]) -> list[str]:
    """The keys that the model has at *location*."""
    model: Any = StackSettings
    for part in location:
        model = _inner_model(model, part)
        if model is None:
            return []
    return sorted(name for name in model.model_fields if name != "stack")


def _inner_model(model: Any, part: str | int) -> Any:  # noqa: ANN401 - a type, or nothing
    fields = getattr(model, "model_fields", {})
    if part in fields:
        return _model_in(fields[part].annotation)
    return model  # an element of a list or a mapping, whose model stands already


def _model_in(annotation: Any) -> Any:  # noqa: ANN401 - a type, or nothing
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = [_model_in(argument) for argument in getattr(annotation, "__args__", ())]
    return next((model for model in inner if model is not None), None)
