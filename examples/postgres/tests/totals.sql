BEGIN;

INSERT INTO customers (email, name) VALUES ('test-totals@example.org', 'Totals');
INSERT INTO products (sku, name, cents, stock) VALUES ('test-a', 'A', 150, 10), ('test-b', 'B', 1000, 10);
INSERT INTO orders (customer_id) SELECT id FROM customers WHERE email = 'test-totals@example.org';

DO $$
BEGIN
  ASSERT (SELECT (cents, items) = (0, 0) FROM order_totals WHERE id = (SELECT max(id) FROM orders)), 'an empty order costs nothing';
END $$;

INSERT INTO order_items (order_id, sku, quantity) SELECT max(id), 'test-a', 2 FROM orders;
INSERT INTO order_items (order_id, sku, quantity) SELECT max(id), 'test-b', 1 FROM orders;
UPDATE products SET cents = 9999 WHERE sku LIKE 'test-%';

DO $$
BEGIN
  ASSERT (SELECT (cents, items) = (1300, 2) FROM order_totals WHERE id = (SELECT max(id) FROM orders)), 'the price is the one at the time of the order';
END $$;

DO $$
BEGIN
  DELETE FROM customers WHERE email = 'test-totals@example.org';
  RAISE EXCEPTION 'a customer with orders was deleted' USING ERRCODE = 'assert_failure';
EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN NULL;
END $$;

ROLLBACK;
