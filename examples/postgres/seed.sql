BEGIN;

INSERT INTO customers (email, name) VALUES
  ('ada@example.org', 'Ada'),
  ('grace@example.org', 'Grace')
ON CONFLICT DO NOTHING;

INSERT INTO products (sku, name, cents, stock) VALUES
  ('pen', 'Pen', 250, 100),
  ('ink', 'Ink, black', 799, 20),
  ('pad', 'Pad of paper', 420, 50)
ON CONFLICT (sku) DO NOTHING;

COMMIT;
