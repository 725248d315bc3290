"""What holds for every test."""

import os

import pytest


# An Output in an f-string then raises instead of writing a sentence into a name (pitfall P20).
os.environ["PULUMI_ERROR_OUTPUT_STRING"] = "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-snapshots` rewrites what is reviewed like code: URNs, generated pages."""
    parser.addoption("--update-snapshots", action="store_true", default=False)
