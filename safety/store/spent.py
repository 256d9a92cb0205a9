"""Proofs that were accepted, so that none is accepted twice."""

from sqlalchemy import Connection, delete

from safety.store.statements import insert_new
from safety.store.tables import spent


def spend(connection: Connection, signature: str, expires_at: float) -> bool:
    """Use a proof's signature up. True exactly once, however many present it at once.

    `expires_at` is when the proof stops being accepted anyway and the row may be purged.
    """
    return (
        insert_new(connection, spent, ("signature", "expires_at"), [(signature, expires_at)]) == 1
    )


def purge(connection: Connection, at: float) -> int:
    """Delete the signatures of proofs that expired; return how many."""
    return connection.execute(delete(spent).where(spent.c.expires_at <= at)).rowcount
