"""The string under each field of a model, which Python itself forgets.

Pydantic can keep it (`use_attribute_docstrings`), but then reads every model's source again in each
start of the program: 0.1 s, measured, for something that only these pages need.
"""

import ast
import inspect
import itertools
import textwrap
from functools import cache
from typing import Any

from pydantic import BaseModel

from tame_components.domain import container, health, paths, settings


@cache
def descriptions(model: type[BaseModel]) -> dict[str, str]:
    """What is said under each field of *model* and of the models it inherits from."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base.__module__.startswith("tame_components."):
            found |= _said(base)
    return found


def _said(model: type[BaseModel]) -> dict[str, str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def described_schema() -> dict[str, Any]:
    """The JSON Schema of the settings, with those strings as descriptions."""
    schema = settings.StackSettings.model_json_schema()
    places = {"StackSettings": schema, **schema["$defs"]}
    for module in (settings, paths, container, health):
        for name, model in vars(module).items():
            if name in places and isinstance(model, type) and issubclass(model, BaseModel):
                for key, text in descriptions(model).items():
                    if key in places[name].get("properties", {}):
                        places[name]["properties"][key]["description"] = text
    return schema
