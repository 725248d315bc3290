"""docs/reference/settings.schema.json: what an editor checks a settings file with."""

import json
from typing import Any

from docs.generator.described import described_schema
from docs.generator.settings import HIDDEN
from tame_components.domain.settings_check import SECRET_KEYS


def page() -> str:
    """A JSON Schema of a whole `Pulumi.<stack>.yaml`."""
    model = described_schema()
    secret = {"type": "object", "description": "Encrypted: `tame config` writes it."}
    properties = {
        f"tame:{key}": _as_pulumi_writes(value)
        for key, value in model["properties"].items()
        if key not in HIDDEN
    }
    config = {
        "type": "object",
        "properties": properties | {f"tame:{key}": secret for key in SECRET_KEYS},
        "required": [f"tame:{key}" for key in model["required"] if key not in HIDDEN],
        "patternProperties": {r"^(?!tame:)[^:]+:.+$": {}},
        "additionalProperties": False,
    }
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Pulumi.<stack>.yaml of a TAME stack",
        "type": "object",
        "properties": {
            "config": config,
            "secretsprovider": {"type": "string"},
            "encryptionsalt": {"type": "string"},
            "encryptedkey": {"type": "string"},
        },
        "required": ["config"],
        "$defs": model["$defs"],
    }
    return json.dumps(whole, indent=2) + "\n"


def _as_pulumi_writes(schema: dict[str, Any]) -> dict[str, Any]:
    """*schema*, or the same value in quotes, which is how Pulumi writes a number back."""
    plain = {one.get("type") for one in schema.get("anyOf", [schema])}
    for kind, pattern in (("boolean", "^(true|false)$"), ("integer", "^[0-9]+$")):
        if kind in plain:
            return {"anyOf": [schema, {"type": "string", "pattern": pattern}]}
    return schema
