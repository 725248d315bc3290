"""The rehearsal's VPN: a stand-in of gluetun, and the provider that its tunnel ends at."""
