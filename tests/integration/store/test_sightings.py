"""What an actor was seen with adds up, in whatever order and pieces it is told."""

from itertools import permutations

from sqlalchemy import Engine

from safety.store import sightings
from safety.store.engine import read, write
from safety.store.sightings import IP, NAME, Sighting


def seen(at: float, place: int, *, kind: str = IP, value: str = "192.0.2.7") -> Sighting:
    return Sighting("main", kind, value, "u_1", at, at, 1, place)


def test_the_first_and_the_last_stay_and_the_rest_is_counted(engine: Engine) -> None:
    for number, order in enumerate(permutations([(10.0, 1), (30.0, 3), (20.0, 2)])):
        actor = f"u_{number}"
        for at, place in order:
            with write(engine) as connection:
                sightings.add(connection, [seen(at, place)._replace(actor_id=actor)])
        with read(engine) as connection:
            found = sightings.of_actor(connection, "main", actor, limit=9)
        assert found == [Sighting("main", IP, "192.0.2.7", actor, 10.0, 30.0, 3, 3)]


def test_many_at_once_are_all_kept(engine: Engine) -> None:
    names = [f"name {number}" for number in range(150)]
    for _ in range(2):
        with write(engine) as connection:
            sightings.add(connection, [seen(1.0, 1, kind=NAME, value=name) for name in names])
            sightings.add(connection, [])
    with read(engine) as connection:
        found = sightings.of_actor(connection, "main", "u_1", limit=500)
    assert {each.value for each in found} == set(names)
    assert {each.seen for each in found} == {2}
