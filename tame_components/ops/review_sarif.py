"""A review for code scanning: what the doctrine says, at the settings file that it says it of.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0; GitHub shows `error` and `warning`.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from tame_components.ops.review import StackReview


SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(reviews: Iterable[StackReview], version: str) -> dict[str, Any]:
    """A log with one run; a result for each violation (`error`) and each advice (`warning`)."""
    results = [result for one in reviews for result in _results(one)]
    rules = sorted({result["ruleId"] for result in results})
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "tame review",
                        "version": version,
                        "rules": [{"id": rule} for rule in rules],
                    }
                },
                "results": results,
            }
        ],
    }


def _results(one: StackReview) -> Iterator[dict[str, Any]]:
    for level, said in (("error", one.violations), ("warning", one.advice)):
        yield from (_result(one, level, text) for text in said)
    if one.failed:
        yield _result(one, "error", f"`preview`: {one.failed}")


def _result(one: StackReview, level: str, text: str) -> dict[str, Any]:
    """*text* begins with the policy's name in backticks."""
    file = f"Pulumi.{one.stack}.yaml"
    place = {"artifactLocation": {"uri": file}, "region": {"startLine": 1}}
    # The same finding of two runs is one alert.
    mark = hashlib.sha256(f"{file}\0{text}".encode()).hexdigest()
    return {
        "ruleId": text[1:].partition("`")[0],
        "level": level,
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"tame/v1": mark},
    }
