"""What every component shares."""

import pulumi


def token(component: type[pulumi.ComponentResource]) -> str:
    """The type token that Pulumi stores for a component: `tame:index:<ClassName>`."""
    return f"tame:index:{component.__name__}"
