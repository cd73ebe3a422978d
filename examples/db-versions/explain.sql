-- A column that is NOT NULL needs no test. PostgreSQL knows this since 17.
EXPLAIN (COSTS OFF) SELECT count(*) FROM orders WHERE customer IS NOT NULL;
