"""Destinations: a service that calls other people's URLs is not to be turned on its own network."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.jobs.destinations import DestinationRefused, is_public, read_destination

HOSTILE = (
    # not HTTPS, or not HTTP at all
    "http://example.com/hook",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com:70/_",
    "javascript:alert(1)",
    "//example.com/",
    "example.com/hook",
    "",
    # two readings of one URL
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://example.com@127.0.0.1/",
    "https://127.0.0.1#@example.com/",
    "https://example.com\\@127.0.0.1/",
    "https://example.com/#fragment",
    "https:/example.com/",
    "https:///example.com/",
    "https://exa mple.com/",
    "https://example.com/a b",
    "https://example.com/\r\nHost: internal",
    "https://example.com/\x00",
    "https://example.com\t.internal/",
    # names that are none
    "https://localhost/",
    "https://internal/",
    "https://example.com./",
    "https://.example.com/",
    "https://-example.com/",
    "https://example..com/",
    f"https://{'a' * 64}.example.com/",
    f"https://{'a.' * 130}com/",
    "https://ex%61mple.com/",
    "https://b\u00fccher.example/",
    "https://\u24db\u24de\u24d2al.example/",
    "https://\uff11\uff12\uff17.0.0.1/",
    # loopback in every costume
    "https://127.0.0.1/",
    "https://127.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://127.0.0.1.5/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    # inside
    "https://10.0.0.5/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fec0::1]/",
    "https://224.0.0.1/",
    "https://[ff02::1]/",
    "https://255.255.255.255/",
    "https://198.51.100.7/",
    "https://[2001:db8::1]/",
    # other services
    "https://example.com:22/",
    "https://example.com:25/",
    "https://example.com:6379/",
    "https://example.com:80/",
    "https://example.com:0/",
    "https://example.com:65536/",
    "https://example.com:4430000/",
    "https://example.com:-443/",
    "https://[::1/",
    "https://example.com/" + "a" * 2048,
)


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_url_is_refused(url: str) -> None:
    with pytest.raises(DestinationRefused):
        read_destination(url)


@pytest.mark.parametrize("url", HOSTILE)
def test_a_refusal_fits_a_line(url: str) -> None:
    with pytest.raises(DestinationRefused) as refused:
        read_destination(url)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    ("url", "authority", "target"),
    [
        ("https://example.com", "example.com", "/"),
        ("https://Example.COM/hooks/gate?site=1&x=%20", "example.com", "/hooks/gate?site=1&x=%20"),
        ("https://example.com?site=1", "example.com", "/?site=1"),
        ("https://example.com:443/", "example.com", "/"),
        ("https://hooks.example.com:8443/", "hooks.example.com:8443", "/"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", "/"),
        ("https://93.184.215.14/", "93.184.215.14", "/"),
        ("https://[2606:2800:21f::1]:8443/", "[2606:2800:21f::1]:8443", "/"),
    ],
)
def test_an_ordinary_url_may_be_tried(url: str, authority: str, target: str) -> None:
    destination = read_destination(url)
    assert (destination.authority, destination.target) == (authority, target)
    assert not destination.is_trusted


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/x", "http://receiver/", "https://10.0.0.5:25/", "http://[::1]/"]
)
def test_a_host_that_the_operator_listed_may_be_inside_and_without_tls(url: str) -> None:
    assert read_destination(url, ["127.0.0.1", "Receiver", "10.0.0.5", "[::1]"]).is_trusted


@pytest.mark.parametrize(
    "url", ["http://receiver.example/", "http://127.0.0.2/", "http://xreceiver/"]
)
def test_a_listed_host_opens_no_other(url: str) -> None:
    with pytest.raises(DestinationRefused):
        read_destination(url, ["receiver", "127.0.0.1"])


def test_even_a_listed_host_is_written_in_one_way_only() -> None:
    with pytest.raises(DestinationRefused):
        read_destination("http://user@receiver/", ["receiver"])


@given(st.ip_addresses())
def test_no_address_is_public_that_python_calls_private_or_special(
    address: IPv4Address | IPv6Address,
) -> None:
    is_special = not address.is_global or address.is_multicast or address.is_reserved
    assert not (is_special and is_public(str(address)))


@given(st.ip_addresses(v=4))
def test_no_address_is_public_that_carries_another_inside(inner: IPv4Address) -> None:
    value = int(inner)
    carriers = (
        f"::ffff:{inner}",
        f"::{inner}",
        f"64:ff9b::{inner}",
        f"64:ff9b:1::{inner}",
        str(IPv6Address(0x2002 << 112 | value << 80)),
        str(IPv6Address(0x2001 << 112 | value)),
    )
    assert not any(map(is_public, carriers))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450::1"])
def test_ordinary_addresses_are_public(address: str) -> None:
    assert ip_address(address).is_global
    assert is_public(address)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.com{text}"):
        try:
            found = read_destination(url)
        except DestinationRefused:
            continue
        assert found.scheme == "https"
        assert found.port in {443, 8443}
        assert found.host.isascii()
