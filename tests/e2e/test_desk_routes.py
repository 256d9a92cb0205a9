"""Every endpoint of the desk says who may come, how often, and takes no form from elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from safety.domain.access import Permission, Role
from safety.web.desk import desk_router
from safety.web.desk_access import Demand, FormDemand
from safety.web.desk_guard import DeskRoute
from safety.web.limits import Limits, allowance_of
from tests.desk_house import House, a_house
from tests.e2e.test_desk_http import ORIGIN, OURS, hold

ROUTES = [route for route in desk_router(Limits()).routes if isinstance(route, APIRoute)]
# What has to be open to whoever is not signed in yet.
OPEN = {
    ("GET", "/desk/sign-in"),
    ("POST", "/desk/sign-in"),
    ("GET", "/desk/invitation"),
    ("POST", "/desk/invitation"),
    ("GET", "/desk/code"),
    ("POST", "/desk/code"),
    ("GET", "/desk/static/{version}/{name}"),
    ("GET", "/desk/{path:path}"),  # there is nothing
}
# What somebody may do who has their second factor still to enrol.
FOR_NEWCOMERS = {
    ("GET", "/desk/enrol"),
    ("POST", "/desk/enrol"),
    ("POST", "/desk/enrol/confirm"),
    ("POST", "/desk/sign-out"),
}
ROLES = {
    Permission.MANAGE_MEMBERS: "/desk/members",
    Permission.MANAGE_KEYS: "/desk/keys",
    Permission.SEE_AUDIT: "/desk/audit",
    Permission.REVIEW: "/desk",
    Permission.MODELS: "/desk/models",
    Permission.RULES: "/desk/rules",
}


def name_of(route: APIRoute) -> tuple[str, str]:
    return "".join(route.methods or ()), route.path


def demand_of(route: APIRoute) -> Demand | FormDemand | None:
    found = [call for call in calls(route.dependant) if isinstance(call, Demand | FormDemand)]
    assert len(found) <= 1
    return found[0] if found else None


def calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from calls(inner)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = a_house(tmp_path)
    yield made
    made.engine.dispose()


def test_every_endpoint_is_a_counted_page() -> None:
    assert len(ROUTES) > 25
    for route in ROUTES:
        assert isinstance(route, DeskRoute)
        assert allowance_of(route.endpoint).policy.startswith("desk.")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: " ".join(name_of(route)))
def test_every_endpoint_says_who_may_come(route: APIRoute) -> None:
    demand = demand_of(route)
    if name_of(route) in OPEN:
        assert demand is None
        return
    assert demand is not None, "anybody may come here"
    is_form = isinstance(demand, FormDemand)
    assert is_form == (name_of(route)[0] == "POST")
    who = demand.demand if isinstance(demand, FormDemand) else demand
    assert who.is_enrolled == (name_of(route) not in FOR_NEWCOMERS)


def test_what_admins_do_takes_a_fresh_proof_and_their_permission() -> None:
    guarded = [(Permission.MANAGE_KEYS, "/desk/webhooks")]
    guarded += [(each, ROLES[each]) for each in (Permission.MANAGE_MEMBERS, Permission.MANAGE_KEYS)]
    for route in ROUTES:
        demand = demand_of(route)
        for permission, path in guarded:
            if not route.path.startswith(path) or demand is None:
                continue
            if isinstance(demand, FormDemand):
                assert demand.is_dangerous
                demand = demand.demand
            assert demand.permission is permission


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("permission", "path"), ROLES.items())
def test_a_page_opens_for_the_roles_in_the_table(
    house: House, role: Role, permission: Permission, path: str
) -> None:
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as browser:
        hold(browser, house.sign_in("mo", role).token)
        expected = 200 if role.may(permission) else 403
        assert browser.get(path).status_code == expected


def test_every_form_is_refused_without_its_token_and_from_elsewhere(house: House) -> None:
    signed_in = house.sign_in("boss", Role.ADMIN)
    csrf = signed_in.session.csrf
    named = (name_of(route) for route in ROUTES)
    forms = [path for method, path in named if method == "POST" and (method, path) not in OPEN]
    for start in range(0, len(forms), 50):  # each app lets one address send 120 forms a minute
        with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as browser:
            hold(browser, signed_in.token)
            for path in forms[start : start + 50]:
                url = path.replace("{", "").replace("}", "")
                assert browser.post(url, data={"csrf": "x"}, headers=OURS).status_code == 403, path
                assert browser.post(url, data={"csrf": csrf}).status_code == 403, path
            assert browser.get("/desk").status_code == 200


def test_looking_changes_nothing(house: House) -> None:
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as browser:
        hold(browser, house.sign_in("boss", Role.ADMIN).token)
        assert house.bench.bundle.rules  # in force before anybody looks
        before = house.staff.audit.length()
        for method, path in (name_of(route) for route in ROUTES):
            if method == "GET":
                browser.get(path.replace("{", "").replace("}", ""))
        assert house.staff.audit.length() == before
