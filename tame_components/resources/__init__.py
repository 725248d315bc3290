"""Pulumi components: the only place, with `stacks`, that knows Pulumi."""
