"""A registry on the loopback, so that a pull by digest in a rehearsal is a real pull.

>>> from testbed.registry import Registry
>>> with Registry(path) as registry:  # doctest: +SKIP
...     registry.push(engine.host, "tame.invalid/radarr:5.26.2", "radarr", "5.26.2")
'sha256:...'

Docker takes registries on 127.0.0.0/8 without TLS, so the engine must run on this machine.
"""

from testbed.registry.errors import PushFailed, RegistryCrashed, RegistryNotInstallable
from testbed.registry.server import Registry


__all__ = ["PushFailed", "Registry", "RegistryCrashed", "RegistryNotInstallable"]
