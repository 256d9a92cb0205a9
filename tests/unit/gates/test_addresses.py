"""Who is on the other end: one spelling, one subject of limits, and no header moves it unasked."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.gates.addresses import UNKNOWN, Proxies, address_of, subject_of, wider_subject_of

PEER, PROXY, INNER = "198.51.100.7", "10.0.0.1", "10.0.0.2"
TRUSTED = ("10.0.0.0/8", "2001:db8:ffff::/48")
proxies = Proxies(TRUSTED)

texts = st.text(max_size=80)
ips = st.ip_addresses()


def is_outside(ip: IPv4Address | IPv6Address) -> bool:
    plain = (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip
    return not any(plain in ip_network(network) for network in TRUSTED)


public = ips.filter(is_outside)


@pytest.mark.parametrize(
    ("ip", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::FFFF:CB00:7109", "203.0.113.9"),
        ("2001:DB8:0:0:0:0:0:9", "2001:db8::9"),
        ("fe80::1%eth0", "fe80::1"),
        ("", None),
        ("203.0.113", None),
        ("203.0.113.009", None),
        ("0xCB.0.113.9", None),
        ("203.0.113.9:80", None),
        (" 203.0.113.9", None),
        ("٣.٣.٣.٣", None),
        ("localhost", None),
        ("testclient", None),
        ("\ud800", None),
        ("1" * 1_000_000, None),
    ],
    ids=lambda text: ascii(text)[:30],
)
def test_an_address_has_one_spelling(ip: str, address: str | None) -> None:
    assert address_of(ip) == address


def test_limits_count_a_line_not_each_of_its_addresses() -> None:
    assert subject_of("203.0.113.9") == wider_subject_of("::ffff:203.0.113.9") == "203.0.113.9"
    assert subject_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
    assert wider_subject_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1::/48"
    assert subject_of("") == subject_of("garbage") == wider_subject_of("\ud800") == UNKNOWN


@given(ip=st.ip_addresses(v=4))
def test_a_mapped_address_is_the_address(ip: IPv4Address) -> None:
    assert address_of(f"::ffff:{ip}") == subject_of(str(ip)) == str(ip)


@given(ip=st.ip_addresses(v=6), host=st.integers(0, 2**64 - 1), site=st.integers(0, 2**80 - 1))
def test_nobody_leaves_their_network_by_choosing_another_address(
    ip: IPv6Address, host: int, site: int
) -> None:
    beside = IPv6Network((ip, 64), strict=False)[host]
    near = IPv6Network((ip, 48), strict=False)[site]
    if ip.ipv4_mapped or beside.ipv4_mapped or near.ipv4_mapped:
        return
    assert subject_of(str(beside)) == subject_of(str(ip))
    assert wider_subject_of(str(near)) == wider_subject_of(str(ip))


@given(text=texts)
def test_any_text_has_a_subject(text: str) -> None:
    assert (subject_of(text) == UNKNOWN) is (address_of(text) is None)


@given(peer=public, headers=st.lists(texts | ips.map(str), max_size=5))
def test_no_header_moves_an_untrusted_peer(
    peer: IPv4Address | IPv6Address, headers: list[str]
) -> None:
    assert proxies.client(str(peer), headers) == address_of(str(peer))
    assert Proxies().client(str(peer), headers) == address_of(str(peer))


@given(
    client=public,
    forged=st.lists(texts | ips.map(str), max_size=5),
    hops=st.lists(
        st.sampled_from([PROXY, INNER, "::ffff:10.9.9.9", "2001:db8:ffff::1"]), max_size=4
    ),
)
def test_what_a_client_writes_in_front_moves_nothing(
    client: IPv4Address | IPv6Address, forged: list[str], hops: list[str]
) -> None:
    header = ", ".join([*forged, str(client), *hops])
    assert proxies.client(PROXY, [header]) == address_of(str(client))
    assert proxies.client(PROXY, [*forged, ",".join([str(client), *hops])]) == address_of(
        str(client)
    )


@given(peer=texts, headers=st.lists(texts, max_size=5))
def test_any_peer_and_header_have_an_answer(peer: str, headers: list[str]) -> None:
    assert isinstance(proxies.client(peer, headers), str)


@pytest.mark.parametrize(
    ("headers", "client"),
    [
        ([], PROXY),
        ([""], PROXY),
        ([PEER], PEER),
        ([f"203.0.113.9, {PEER}"], PEER),
        ([f"203.0.113.9, {PEER}, {INNER}"], PEER),
        (["203.0.113.9", f"{PEER}, {INNER}"], PEER),
        ([PEER, INNER], PEER),
        ([INNER], INNER),
        ([f"{PEER}:4711"], PEER),
        (["[2001:db8::9]:4711"], "2001:db8::9"),
        (["2001:db8::9"], "2001:db8::9"),
        ([f"::ffff:{PEER}"], PEER),
        (["unknown"], PROXY),
        ([f"{PEER}, unknown"], PROXY),
        ([f"{PEER}, unknown, {INNER}"], PROXY),
        ([f"{PEER},"], PROXY),
        ([f"203.0.113.9\x00, {PEER}"], PEER),
        ([f"{PEER};rm -rf"], PROXY),
        (["\ud800"], PROXY),
        ([",".join(["203.0.113.9"] * 100_000) + f",{PEER}"], PEER),
        (["x" * 1_000_000], PROXY),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_behind_a_trusted_proxy_the_right_most_untrusted_hop_is_the_client(
    headers: list[str], client: str
) -> None:
    assert proxies.client(PROXY, headers) == client


def test_a_header_without_end_ends_in_time() -> None:
    assert proxies.client(PROXY, [PEER, ",".join([INNER] * 1_000_000)]) == INNER


@pytest.mark.parametrize("network", ["10.0.0.1/8", "10.0.0.0/33", "proxies.example", "", "*"])
def test_what_is_no_network_is_refused(network: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Proxies([network])


def test_a_peer_that_is_no_address_is_itself() -> None:
    assert proxies.client("testclient", ["203.0.113.9"]) == "testclient"
