"""The changes of the tables over time, run by Alembic from `safety.store.engine.migrate`."""
