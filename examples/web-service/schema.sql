CREATE TABLE IF NOT EXISTS links (
  code       text PRIMARY KEY,
  address    text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);
