BEGIN;
INSERT INTO orders (customer, cents) VALUES ('Ada', 1000), ('Ada', 250), ('Grace', 500);
DO $$
BEGIN
  IF (SELECT string_agg(customer || ' ' || cents || ' ' || orders, ', ' ORDER BY customer) FROM report) <> 'Ada 1250 2, Grace 500 1' THEN
    RAISE EXCEPTION 'the report is wrong: %', (SELECT json_agg(report) FROM report);
  END IF;
END $$;
ROLLBACK;
