-- Several payments may try to pay one order. Two of them can succeed: the first one paid the order.
ALTER TABLE orders
  ADD COLUMN order_id text,
  -- Since when the payment is paid without a break.
  ADD COLUMN paid_at timestamptz(3);

UPDATE orders SET paid_at = updated_at WHERE fulfilment = 'paid';

ALTER TABLE orders ADD CHECK ((paid_at IS NOT NULL) = (fulfilment = 'paid'));

CREATE INDEX orders_by_order_id ON orders (order_id) WHERE order_id IS NOT NULL;
