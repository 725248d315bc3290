"""Who can reach whom, and where."""

import pytest

from tame_components.domain.errors import (
    PortsClash,
    SettingsInvalid,
    StandInRefused,
    TameError,
    TunnelMissing,
    UnknownApp,
    UnknownService,
    WireUnreachable,
)
from tests.harness import stacks


def test_a_service_is_found_by_its_name() -> None:
    """Two services of one bridge meet under the service's name and the application's port."""
    assert stacks.topology().url("sonarr", "radarr") == "http://radarr:7878"


def test_a_client_behind_the_vpn_is_found_at_the_gateway() -> None:
    """A member has no address of its own: its callers knock at the gateway's."""
    assert stacks.topology().url("radarr", "qbittorrent") == "http://gluetun:8080"


def test_a_member_finds_others_by_name_and_its_gateway_locally() -> None:
    """From inside the namespace, outsiders keep their names and the gateway is localhost."""
    topology = stacks.topology()

    assert topology.url("qbittorrent", "radarr") == "http://radarr:7878"
    assert topology.address("qbittorrent", "gluetun") == "localhost"


def test_plex_on_the_hosts_network_is_found_at_the_host() -> None:
    """A bridged caller reaches the host; a caller on the host's network finds no names."""
    services = {"plex": {"host_network": True}, "radarr": {}}
    topology = stacks.topology(services=services)

    assert topology.url("radarr", "plex") == "http://host.docker.internal:32400"
    with pytest.raises(WireUnreachable, match="TAME302"):
        topology.url("plex", "radarr")


def test_the_socket_proxy_is_met_only_by_its_callers() -> None:
    """What may be asked of the Docker engine stays on a network shared with its callers alone."""
    topology = stacks.topology()

    assert topology.address("dozzle", "socket-proxy") == "socket-proxy"
    with pytest.raises(WireUnreachable):
        topology.address("radarr", "socket-proxy")
    hidden = next(n for n in topology.networks if "socket-proxy" in n.members)
    assert hidden.internal
    assert set(hidden.members) == {"socket-proxy", "dozzle"}


def test_every_wire_of_the_pipeline_is_derived() -> None:
    """The arrows of blueprint 000, section 2.3, need no setting."""
    wires = {(w.source, w.target) for w in stacks.topology().wires}

    assert {
        ("overseerr", "radarr"),
        ("overseerr", "sonarr"),
        ("prowlarr", "radarr"),
        ("prowlarr", "sonarr"),
        ("radarr", "qbittorrent"),
        ("radarr", "sabnzbd"),
        ("sonarr", "qbittorrent"),
        ("bazarr", "radarr"),
        ("radarr", "plex"),
        ("sonarr", "jellyfin"),
    } <= wires


def test_a_wire_that_calls_back_knows_both_directions() -> None:
    """Prowlarr tells the *arr applications where to call it back."""
    wire = next(
        w for w in stacks.topology().wires if (w.source, w.target) == ("prowlarr", "radarr")
    )

    assert wire.url == "http://radarr:7878"
    assert wire.back_url == "http://prowlarr:9696"


def test_uses_narrows_the_wires_of_one_service() -> None:
    """A second Radarr need not talk to every client."""
    services = {
        **{name: {} for name in stacks.CORE},
        "radarr": {"uses": ["sabnzbd"]},
    }
    wires = stacks.topology(services=services).wires_from("radarr")

    assert [wire.target for wire in wires] == ["sabnzbd"]


def test_a_second_instance_is_two_lines() -> None:
    """Another service of the same application has its own name, user and address."""
    services = {"radarr": {}, "radarr-4k": {"app": "radarr"}, "prowlarr": {}}
    topology = stacks.topology(services=services)

    assert topology.url("prowlarr", "radarr-4k") == "http://radarr-4k:7878"
    assert topology.service("radarr").uid != topology.service("radarr-4k").uid


@pytest.mark.parametrize(
    ("services", "error"),
    [
        ({"radar": {}}, UnknownApp),
        ({"movies": {"app": "couchpotato"}}, UnknownApp),
        ({"qbittorrent": {}}, TunnelMissing),
        ({"radarr": {"uses": ["deluge"]}}, UnknownService),
        ({"radarr": {"uses": ["bazarr"]}, "bazarr": {}}, WireUnreachable),
        ({"plex": {}, "jellyfin": {"publish": 32400}}, PortsClash),
        ({"flaresolverr": {"publish": 8191}}, SettingsInvalid),
        ({"radarr": {"image": "tame.invalid/radarr:1.2.3"}}, StandInRefused),
        ({"radarr": {"image": "radarr:::"}}, TameError),
        ({"radarr": {"uid": 1000}, "sonarr": {"uid": 1000}}, SettingsInvalid),
    ],
    ids=str,
)
def test_what_does_not_fit_together_is_refused(
    services: dict[str, dict[str, object]], error: type[TameError]
) -> None:
    """Everything impossible is an error with a hint and a code, before anything is deployed."""
    with pytest.raises(error) as raised:
        stacks.topology(services=services)

    assert raised.value.hint
    assert raised.value.code in str(raised.value)


def test_a_gateway_without_a_tunnel_is_refused() -> None:
    """A VPN gateway needs to be told where its tunnel leads."""
    with pytest.raises(SettingsInvalid, match="vpn"):
        stacks.topology(vpn=None)


def test_a_user_keeps_its_id_when_services_come_and_go() -> None:
    """Files in the library keep their owner, whatever else joins the stack."""
    alone = stacks.only("radarr").service("radarr").uid

    assert stacks.topology().service("radarr").uid == alone


def test_one_user_for_all_is_a_setting() -> None:
    """A NAS that knows one user gets one user."""
    topology = stacks.topology(identity={"uid": 1026, "gid": 100})

    assert {service.uid for service in topology.services} == {1026}


def test_only_the_user_plane_is_published() -> None:
    """Doctrine R14: *arr and downloaders are published nowhere by default."""
    topology = stacks.topology()
    published = {one.name for one in topology.services if one.published}

    assert published == {"plex", "jellyfin", "overseerr"}
    assert topology.links["plex"] == "http://127.0.0.1:32400"


def test_an_operators_port_listens_on_loopback() -> None:
    """Asking for an *arr's port does not show it to the network."""
    services = {"radarr": {"publish": 17878}}
    topology = stacks.topology(services=services, exposure={"user_address": "192.0.2.7"})

    assert topology.links == {"radarr": "http://127.0.0.1:17878"}


def test_two_stacks_share_no_name() -> None:
    """Two stacks live on one engine."""
    first, second = stacks.topology("one"), stacks.topology("two")
    names = [{t.container_name(s.name) for s in t.services} for t in (first, second)]

    assert names[0] & names[1] == set()
    assert {n.name for n in first.networks} & {n.name for n in second.networks} == set()


def test_a_rehearsal_runs_stand_ins_of_the_pinned_versions() -> None:
    """The stand-in of a pin carries the pin's version, and no name that could be pulled."""
    real, rehearsed = stacks.topology(), stacks.topology(rehearsal=True)

    for service in rehearsed.services:
        assert service.image.repository == f"tame.invalid/{service.app.name}"
        assert service.image.tag == real.service(service.name).image.tag


def test_a_topology_survives_json() -> None:
    """Other readers get the same value: what is dumped is what is loaded."""
    topology = stacks.topology()

    assert type(topology).model_validate(topology.model_dump(mode="json")) == topology


def test_four_hundred_services_are_quick() -> None:
    """The wires of a large stack are computed once per service, not once per pair of services."""
    services = {f"radarr-{number}": {"app": "radarr"} for number in range(399)}
    topology = stacks.topology(services={**services, "sabnzbd": {}}, identity={"uid": 1000})

    assert len(topology.wires) == 399
