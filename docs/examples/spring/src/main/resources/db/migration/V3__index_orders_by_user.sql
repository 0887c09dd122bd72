-- Built beside the traffic, so it has no transaction and stands alone in its file.
CREATE INDEX CONCURRENTLY orders_by_user ON orders (user_id);
