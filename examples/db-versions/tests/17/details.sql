-- JSON_TABLE is in PostgreSQL since 17.
BEGIN;
INSERT INTO orders (customer, cents, details) VALUES ('Ada', 1000, '{"items": [{"name": "pen", "count": 2}, {"name": "ink", "count": 1}]}');
DO $$
BEGIN
  IF (SELECT sum(count) FROM orders, JSON_TABLE(details, '$.items[*]' COLUMNS (count integer PATH '$.count'))) <> 3 THEN
    RAISE EXCEPTION 'the items of an order are wrong';
  END IF;
END $$;
ROLLBACK;
