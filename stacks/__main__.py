"""What Pulumi runs: read the dials, compose the stack, and say mistakes in words."""

import gc

import pulumi
from media import compose

from tame_components import TameError, load_settings


gc.disable()  # the program lives for seconds; collecting costs a third of a large preview

try:
    compose(load_settings())
except TameError as error:
    raise pulumi.RunError(str(error)) from None
