CREATE TABLE orders (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers ON DELETE RESTRICT,
  placed_at   timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX orders_customer ON orders (customer_id, placed_at DESC);

-- The price is the one at the time of the order.
CREATE TABLE order_items (
  order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
  sku      text NOT NULL REFERENCES products,
  quantity integer NOT NULL CHECK (quantity > 0),
  cents    integer NOT NULL,
  PRIMARY KEY (order_id, sku)
);

CREATE FUNCTION take_from_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE products SET stock = stock - NEW.quantity WHERE sku = NEW.sku RETURNING products.cents INTO NEW.cents;
  RETURN NEW;
END
$$;

CREATE TRIGGER order_items_take BEFORE INSERT ON order_items FOR EACH ROW EXECUTE FUNCTION take_from_stock();
