"""Functions that need more than a word to explain: which addresses lie in which range."""

from pathlib import Path

import pytest

from safety.ruleset.load import load_bundle
from tests.unit.ruleset.folders import AT, a_rule, write_folder

RANGES = "198.51.100.0/24\n192.0.2.7\n2001:db8:bad:1::7\n2001:db8:77::/48\n2001:db8:9::1/128\n"


@pytest.mark.parametrize(
    ("address", "is_inside"),
    [
        ("2001:db8:bad:1::/64", True),
        ("2001:db8:bad:2::/64", False),
        ("2001:db8:77:5::/64", True),
        ("2001:db8:78::/64", False),
        ("2001:db8:9::/64", True),
        ("198.51.100.200", True),
        ("198.51.101.200", False),
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("::ffff:0:0/64", False),
    ],
)
@pytest.mark.parametrize("written", ["lists.networks", "inline"])
def test_an_ipv6_line_is_inside_where_an_address_of_it_is_listed(
    tmp_path: Path, address: str, written: str, *, is_inside: bool
) -> None:
    inline = ", ".join(f'"{network}"' for network in RANGES.split())
    condition = f"ip_in(net.ip, {written if written != 'inline' else inline})"
    folder = write_folder(tmp_path, a_rule(condition))
    (folder / "lists" / "networks.txt").write_text(RANGES)
    bundle = load_bundle([folder], at=AT)
    assert bool(bundle.plan("post").judge({"net.ip": address})) is is_inside
    (line,) = bundle.explain("a-rule", {"net.ip": address})
    assert line.outcome is is_inside


@pytest.mark.parametrize("address", ["", "no address", "300.1.1.1", "\ud800", "1.2.3.4\0", "::/"])
def test_what_is_no_address_lies_in_no_range_and_outside_of_none(
    tmp_path: Path, address: str
) -> None:
    condition = 'ip_in(net.ip, "198.51.100.0/24")'
    bundle = load_bundle(
        [write_folder(tmp_path, a_rule(condition), a_rule(f"not {condition}", rule="outside"))],
        at=AT,
    )
    fired = [f.rule.id for f in bundle.plan("post").judge({"net.ip": address})]
    assert fired == (["outside"] if address == "::/" else [])
