"""What Alembic runs for each migration: on the connection it is handed, in its transaction."""

from alembic import context

from safety.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
