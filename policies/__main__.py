"""Serve the policy pack to the Pulumi engine; `PulumiPolicy.yaml` points here."""

import gc
import sys
from pathlib import Path


# Python put this directory first, where `secrets.py` would hide the standard library's.
sys.path[0] = str(Path(__file__).resolve().parent.parent)


def main() -> None:
    """Start the server and print its port. Returns when the engine ends it."""
    gc.disable()  # what is imported stays: looking for garbage in it costs a third of the start
    from pulumi_policy import PolicyPack  # noqa: PLC0415 - after sys.path is right

    from policies.pack import POLICIES, prepare  # noqa: PLC0415 - after sys.path is right

    prepare()
    gc.freeze()
    gc.enable()
    # The constructor serves and sleeps: nothing after it runs.
    PolicyPack("tame", policies=POLICIES)


if __name__ == "__main__":
    main()
