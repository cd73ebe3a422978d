CREATE TABLE products (
  sku   text PRIMARY KEY,
  name  text NOT NULL CHECK (name <> ''),
  cents integer NOT NULL CHECK (cents >= 0),
  stock integer NOT NULL DEFAULT 0 CONSTRAINT enough_stock CHECK (stock >= 0)
);
