"""The socket proxy again, with other paths let through: they are its arguments."""

from testbed.apps.socket_proxy import StandIn


__all__ = ["StandIn"]
