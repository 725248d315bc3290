"""What Pulumi runs: read the dials, compose the stack, and say mistakes in words.

`TAME_SDK_DEBUG=1 pulumi up --debug` shows what the SDK says of every resource; without that
variable it does not even say it.
"""

import asyncio
import atexit
import gc
import os


gc.disable()  # the program lives for seconds; collecting costs a third of a large preview
atexit.register(gc.freeze)  # nor does the interpreter look for garbage when it ends, 0.1 s

import pulumi  # noqa: E402 - imports too are quicker without the collector
from media import compose  # noqa: E402 - see above
from pulumi.runtime.settings import SETTINGS  # noqa: E402 - see above

from tame_components import TameError, load_settings  # noqa: E402 - see above


if not os.environ.get("TAME_SDK_DEBUG"):
    # 15 calls to the engine for each service, each awaited, and shown under `--debug` alone.
    pulumi.log.debug = lambda *_, **__: None

# At the end the SDK awaits its calls one by one, but watches outputs all together and anew whenever
# one is done, which is quadratic. While a call is open it begins with the calls, and when they are
# done the outputs are too. This is such a call.
SETTINGS.rpc_manager.rpcs.append(asyncio.ensure_future(asyncio.sleep(0)))

try:
    compose(load_settings())
except TameError as error:
    raise pulumi.RunError(str(error)) from None
