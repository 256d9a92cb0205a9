"""What can be wrong with a database, told from the drivers' errors in a word each."""

import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class Trouble(StrEnum):
    """Why something could not be written."""

    LOCKED = "locked"  # somebody else holds the lock; the same may work in a moment
    FULL = "full"  # no space left
    IO = "io"  # the disk refuses
    CORRUPT = "corrupt"  # the file is damaged or no database at all
    UNREACHABLE = "unreachable"  # the server or the file is gone
    OUTDATED = "outdated"  # the tables are missing or of another version
    FAULT = "fault"  # none of these: something here is wrong, and the log says what
    REFUSED = "refused"  # the database takes no such row; writing it again is of no use
    STOPPED = "stopped"  # the writer was told to stop
    UNCONFIRMED = "unconfirmed"  # lost during COMMIT: it may be there or not


_SQLITE = {
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_LOCKED: Trouble.LOCKED,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_IOERR: Trouble.IO,
    sqlite3.SQLITE_CANTOPEN: Trouble.UNREACHABLE,
    sqlite3.SQLITE_READONLY: Trouble.UNREACHABLE,
    sqlite3.SQLITE_PERM: Trouble.UNREACHABLE,
    sqlite3.SQLITE_CORRUPT: Trouble.CORRUPT,
    sqlite3.SQLITE_NOTADB: Trouble.CORRUPT,
    sqlite3.SQLITE_CONSTRAINT: Trouble.REFUSED,
    sqlite3.SQLITE_MISMATCH: Trouble.REFUSED,
    sqlite3.SQLITE_TOOBIG: Trouble.REFUSED,
}
_SQLITE_PRIMARY = 0xFF  # the low byte of an extended result code names its family

# https://www.postgresql.org/docs/current/errcodes-appendix.html: whole codes, then classes.
_POSTGRES = {
    "55P03": Trouble.LOCKED,  # lock_not_available
    "40P01": Trouble.LOCKED,  # deadlock_detected: nothing was written
    "40001": Trouble.LOCKED,  # serialization_failure: nothing was written
    "53100": Trouble.FULL,  # disk_full
    "58030": Trouble.IO,  # io_error
    "42P01": Trouble.OUTDATED,  # undefined_table
    "42703": Trouble.OUTDATED,  # undefined_column
    "XX001": Trouble.CORRUPT,  # data_corrupted
    "XX002": Trouble.CORRUPT,  # index_corrupted
}
_POSTGRES_CLASSES = {
    "08": Trouble.UNREACHABLE,  # connection exceptions
    "22": Trouble.REFUSED,  # data exceptions
    "23": Trouble.REFUSED,  # integrity constraint violations
    "25": Trouble.UNREACHABLE,  # a server that only reads, a transaction it has cut off
    "28": Trouble.UNREACHABLE,  # it does not let this user in
    "3D": Trouble.UNREACHABLE,  # it has no database of this name
    "53": Trouble.UNREACHABLE,  # out of memory or connections
    "57": Trouble.UNREACHABLE,  # shutting down, or an operator stepped in
}


def trouble_of(error: Exception) -> Trouble:
    """The word for an error that came out of SQLAlchemy or a driver."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    if isinstance(error, DBAPIError):
        return _of_postgres(error, getattr(cause, "sqlstate", None))
    if isinstance(error, UnicodeError | OverflowError):  # the driver could not even send the value
        return Trouble.REFUSED
    return Trouble.UNREACHABLE if isinstance(error, PoolTimeout) else Trouble.FAULT


def _of_sqlite(error: sqlite3.Error) -> Trouble:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # raised by the module, not by the library: a value it cannot bind
        return Trouble.REFUSED
    if code == sqlite3.SQLITE_ERROR and "no such" in str(error):
        return Trouble.OUTDATED
    return _SQLITE.get(code & _SQLITE_PRIMARY, Trouble.FAULT)


def _of_postgres(error: DBAPIError, state: str | None) -> Trouble:
    if state is not None:
        return _POSTGRES.get(state) or _POSTGRES_CLASSES.get(state[:2], Trouble.FAULT)
    # Without a code it came from the driver: it lost the server, or did not like a value.
    if isinstance(error, OperationalError):
        return Trouble.UNREACHABLE
    return Trouble.REFUSED if isinstance(error, DataError) else Trouble.FAULT
