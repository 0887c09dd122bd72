"""How Alembic reaches the database, or writes SQL without one: `alembic upgrade base:head --sql` needs no address."""

import os

from alembic import context
from sqlalchemy import create_engine

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True, dialect_opts={"paramstyle": "named"})
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(os.environ["DATABASE_URL"], hide_parameters=True).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
