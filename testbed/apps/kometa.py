"""Kometa."""

from typing_extensions import override

from testbed.apps.once import Once


_OWN = {"KOMETA_CONFIG", "KOMETA_RUN", "KOMETA_TIMES", "KOMETA_DOCKER"}


class StandIn(Once):
    """Says which secrets its configuration could name; it reads no library and writes nothing."""

    @override
    def run(self) -> int:
        told = self.place.environment
        self.place.file("logs/meta.log").write_text("stand-in\n")
        names = sorted(name for name in told if name.startswith("KOMETA_") and name not in _OWN)
        known = [f"<<{name.removeprefix('KOMETA_').lower()}>>" for name in names]
        self.say(f"Kometa {self.place.version}: stand-in, with {told.get('KOMETA_CONFIG')}")
        self.say(f"would run once; secrets: {', '.join(known) or 'none'}")
        return 0
