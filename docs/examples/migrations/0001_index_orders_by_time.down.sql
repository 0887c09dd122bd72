-- Built and removed beside the traffic; the newest orders are then read from the whole table again.
DROP INDEX CONCURRENTLY orders_by_time;
