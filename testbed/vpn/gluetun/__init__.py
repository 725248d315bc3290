"""The stand-in of gluetun: a userspace WireGuard tunnel behind gluetun's default-drop firewall.

It runs inside the image `tame.invalid/gluetun:<pin>` with nothing but Python's standard library
and the programs `wireguard-go`, `wg`, `iptables` and `ip`. The order of its steps, its rules, its
routes, its states and its error texts follow gluetun v3.41.3 (github.com/passteque/gluetun); what
is simpler here is listed in `SIMPLIFIED`.
"""

FOLLOWS = "v3.41.3"
"""The release of gluetun whose source was read."""

SIMPLIFIED = (
    "WireGuard only: OpenVPN and AmneziaWG are refused by name",
    "providers custom and protonvpn only, with protonvpn's servers in TAME_STANDIN_SERVERS",
    "no DNS over TLS or HTTPS and no block lists: other names are asked from the tunnel's gateway",
    "DNS_ADDRESS, DNS_KEEP_NAMESERVER and the settings of the other resolvers change nothing",
    "no HTTP proxy, Shadowsocks, updater, PMTU discovery or version check",
    "routes of the control server that no stack uses answer 404: settings, updater, restarts",
)
"""What real gluetun does and this does not; shown where the rehearsal's fidelity is shown."""
