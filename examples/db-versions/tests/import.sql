-- MERGE is in PostgreSQL since 15.
BEGIN;
INSERT INTO orders (customer, cents) VALUES ('Ada', 1000);
MERGE INTO orders USING (VALUES ('Ada', 300), ('Alan', 700)) AS news (customer, cents) ON orders.customer = news.customer
WHEN MATCHED THEN UPDATE SET cents = orders.cents + news.cents
WHEN NOT MATCHED THEN INSERT (customer, cents) VALUES (news.customer, news.cents);
DO $$
BEGIN
  IF (SELECT array_agg(cents ORDER BY customer) FROM report) <> '{1300, 700}' THEN
    RAISE EXCEPTION 'the import is wrong: %', (SELECT json_agg(report) FROM report);
  END IF;
END $$;
ROLLBACK;
