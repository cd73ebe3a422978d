CREATE TABLE IF NOT EXISTS orders (
  customer text NOT NULL,
  cents    integer NOT NULL CHECK (cents > 0)
);
