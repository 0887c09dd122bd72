"""index orders by user

Built beside the traffic, so it has no transaction and stands alone in its revision.
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    with op.get_context().autocommit_block():
        op.create_index("orders_by_user", "orders", ["user_id"], postgresql_concurrently=True)


def downgrade():
    with op.get_context().autocommit_block():
        op.drop_index("orders_by_user", postgresql_concurrently=True)
