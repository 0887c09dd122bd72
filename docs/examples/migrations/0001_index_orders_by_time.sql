-- The newest orders are listed on the first page; without it every look at it reads the whole table.
CREATE INDEX CONCURRENTLY orders_by_time ON orders (created_at);
