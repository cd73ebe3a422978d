BEGIN;

INSERT INTO customers (email, name) VALUES ('test-stock@example.org', 'Stock');
INSERT INTO products (sku, name, cents, stock) VALUES ('test-a', 'A', 100, 3);
INSERT INTO orders (customer_id) SELECT id FROM customers WHERE email = 'test-stock@example.org';
INSERT INTO order_items (order_id, sku, quantity) SELECT max(id), 'test-a', 2 FROM orders;

DO $$
BEGIN
  ASSERT (SELECT stock FROM products WHERE sku = 'test-a') = 1, 'an order takes from the stock';
END $$;

INSERT INTO orders (customer_id) SELECT id FROM customers WHERE email = 'test-stock@example.org';

DO $$
BEGIN
  INSERT INTO order_items (order_id, sku, quantity) SELECT max(id), 'test-a', 2 FROM orders;
  RAISE EXCEPTION 'more was sold than there is' USING ERRCODE = 'assert_failure';
EXCEPTION WHEN check_violation THEN
  ASSERT (SELECT stock FROM products WHERE sku = 'test-a') = 1, 'a refused order leaves the stock alone';
END $$;

ROLLBACK;
