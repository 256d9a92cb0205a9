"""The one connection that only the ledger's writer uses; it is opened anew after it was lost."""

from contextlib import suppress
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError

from safety.store.opening import IMMEDIATE
from safety.store.trouble import Trouble, trouble_of
from safety.store.writing_turn import Turn, take_turn

_MILLISECONDS: Final = 1000


class WriterConnection:
    """Transactions of one thread that begin by taking the lock for writing.

    `lock_wait` is how many seconds one attempt waits for it.
    """

    def __init__(self, engine: Engine, lock_wait: float) -> None:
        self._engine = engine
        self._lock_wait = max(1, int(lock_wait * _MILLISECONDS))
        self._is_postgres = engine.dialect.name == "postgresql"
        self._connection: Connection | None = None
        self._driver: DBAPIConnection | None = None
        self._turn: Turn | None = None

    def begin(self) -> Connection:
        """Open a transaction that holds the lock. Raises the errors that `trouble_of` reads.

        A connection that was idle may have died meanwhile; that alone is no reason to fail.
        """
        was_open = self._connection is not None
        self._turn = self._turn or self._take_turn()
        try:
            return self._begin()
        except SQLAlchemyError as error:
            trouble = trouble_of(error)
            if not was_open or trouble is Trouble.LOCKED:
                self.roll_back(trouble)
                raise
            self.close()
        self._turn = self._take_turn()
        try:
            return self._begin()
        except SQLAlchemyError:
            self.close()
            raise

    def commit(self) -> None:
        """End the transaction. After an error, nobody knows what became of it."""
        assert self._connection is not None  # noqa: S101 -- begin() opened it
        self._connection.commit()
        self._end_turn()

    def roll_back(self, trouble: Trouble) -> None:
        """Give the transaction up. Only a connection that is surely sound is kept."""
        if self._connection is not None:
            try:
                if trouble in {Trouble.LOCKED, Trouble.FULL, Trouble.REFUSED}:
                    self._connection.rollback()
                else:
                    self.close()
            except SQLAlchemyError:
                self.close()
        self._end_turn()

    def close(self) -> None:
        """Drop the connection, and with it whatever was not committed."""
        connection, driver = self._connection, self._driver
        self._connection = self._driver = None
        if connection is None or driver is None:
            self._end_turn()
            return
        with suppress(Exception):  # it may be dead already, in as many ways as there are drivers
            driver.close()
        with suppress(SQLAlchemyError):
            connection.invalidate()
            connection.close()
        self._end_turn()

    def _take_turn(self) -> Turn | None:
        return take_turn(self._engine, self._lock_wait / _MILLISECONDS, is_urgent=True)

    def _end_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.release()

    def _begin(self) -> Connection:
        connection = self._connection or self._open()
        connection.begin()
        if self._is_postgres:
            # Somebody who changes the table is met here, and not in the middle of a batch.
            connection.exec_driver_sql("LOCK TABLE decisions IN ROW EXCLUSIVE MODE")
        return connection

    def _open(self) -> Connection:
        connection = self._engine.connect().execution_options(**{IMMEDIATE: True})
        wait = (
            f"SET lock_timeout = {self._lock_wait}"
            if self._is_postgres
            else f"PRAGMA busy_timeout = {self._lock_wait}"
        )
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101 -- it has just been opened
        connection.detach()  # its settings are its own: it never goes back to the pool
        self._connection, self._driver = connection, driver
        cursor = driver.cursor()
        cursor.execute(wait)
        cursor.close()
        if self._is_postgres:
            driver.commit()
        return connection
