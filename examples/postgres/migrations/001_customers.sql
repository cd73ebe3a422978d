CREATE TABLE customers (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email      text NOT NULL CHECK (email LIKE '%_@_%'),
  name       text NOT NULL CHECK (name <> ''),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- One account per address, however it is spelled.
CREATE UNIQUE INDEX customers_email ON customers (lower(email));
