-- One row a payment, written three times.
CREATE TABLE payments (
  id          text PRIMARY KEY,
  reference   text NOT NULL,
  status      text NOT NULL,
  created_at  timestamptz(3) NOT NULL
);

-- Of every contestant; this one ends no payment there.
CREATE TABLE orders (
  payment_id   text PRIMARY KEY,
  received_at  timestamptz(3) NOT NULL
);
