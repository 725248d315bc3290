"""Fail2ban, in linuxserver's image."""

from typing_extensions import override

from testbed.apps.daemon import Daemon
from testbed.apps.place import Place
from testbed.apps.single import WithDatabase


class StandIn(Daemon, WithDatabase):
    """`ping` and its database; it reads no log and bans nobody."""

    process = "fail2ban-server"
    corrupt = "fail2ban.database: ERROR {error}"

    @override
    def __init__(self, place: Place) -> None:
        WithDatabase.__init__(self, place)
