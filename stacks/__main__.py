"""What Pulumi runs: read the dials, compose the stack, and say mistakes in words."""

import gc


gc.disable()  # the program lives for seconds; collecting costs a third of a large preview

import pulumi  # noqa: E402 - imports too are quicker without the collector
from media import compose  # noqa: E402 - see above

from tame_components import TameError, load_settings  # noqa: E402 - see above


try:
    compose(load_settings())
except TameError as error:
    raise pulumi.RunError(str(error)) from None
