CREATE VIEW order_totals AS
SELECT o.id, o.customer_id, o.placed_at,
       coalesce(sum(i.quantity * i.cents), 0) AS cents,
       count(i.sku) AS items
FROM orders o
LEFT JOIN order_items i ON i.order_id = o.id
GROUP BY o.id;
