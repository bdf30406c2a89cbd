-- All that the plain version keeps: one row a payment, one row an order.
CREATE TABLE payments (
  id            text PRIMARY KEY,
  reference     text NOT NULL,
  status        text NOT NULL,
  amount        numeric(12, 2) NOT NULL,
  currency      text NOT NULL,
  method        text NOT NULL,
  product_name  text NOT NULL,
  customer      json NOT NULL,
  return_url    text NOT NULL,
  trans_id      text,
  created_at    timestamptz(3) NOT NULL,
  updated_at    timestamptz(3) NOT NULL
);

CREATE TABLE orders (
  payment_id   text PRIMARY KEY,
  reference    text NOT NULL,
  status       text NOT NULL,
  received_at  timestamptz(3) NOT NULL
);
