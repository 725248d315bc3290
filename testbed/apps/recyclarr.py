"""Recyclarr."""

from typing_extensions import override

from testbed.apps.once import Once


class StandIn(Once):
    """Says which applications it would write to, by the keys that it was given; writes nothing."""

    @override
    def run(self) -> int:
        config = self.place.file("recyclarr.yml")
        if not config.exists() and self.place.environment.get("RECYCLARR_CREATE_CONFIG") == "true":
            config.write_text("# made by a stand-in\n")
        keys = sorted(name for name in self.place.environment if name.endswith("_api_key"))
        services = [name.removesuffix("_api_key") for name in keys]
        self.say(f"[INF] recyclarr {' '.join(self.place.arguments)}: stand-in {self.place.version}")
        self.say(f"[INF] would synchronise {', '.join(services) or 'nothing: no key was given'}")
        return 0
