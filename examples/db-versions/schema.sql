CREATE TABLE orders (
  id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer text NOT NULL,
  cents    integer NOT NULL CHECK (cents > 0),
  details  jsonb NOT NULL DEFAULT '{}'
);

-- report has the sum of each customer.
CREATE VIEW report AS
SELECT customer, sum(cents) AS cents, count(*) AS orders FROM orders GROUP BY customer;
