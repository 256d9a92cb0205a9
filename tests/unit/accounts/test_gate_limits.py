"""The table of limits in the docs is the one in force."""

import re
from dataclasses import fields

from safety.accounts.gate_limits import GateLimits, Rate
from tests.unit.house.sources import ROOT

SECONDS = {"min": 60, "h": 3600}


def test_the_docs_name_every_limit_with_its_number() -> None:
    page = (ROOT / "docs" / "accounts.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z_]+)` \| (\d+) \| (\d+) (min|h) \|", page, re.MULTILINE)
    documented = {
        name: Rate(int(most), int(number) * SECONDS[unit]) for name, most, number, unit in rows
    }
    limits = GateLimits()
    rates = {
        field.name: value
        for field in fields(limits)
        if isinstance(value := getattr(limits, field.name), Rate)
    }
    assert documented == rates
