-- The tables of schema.prisma, as Prisma's migrations would create them.
CREATE TABLE payments (
  id            text PRIMARY KEY,
  reference     text NOT NULL,
  status        text NOT NULL DEFAULT 'queued',
  amount        numeric(12, 2) NOT NULL,
  currency      text NOT NULL,
  method        text NOT NULL,
  product_name  text NOT NULL,
  customer      jsonb NOT NULL,
  return_url    text NOT NULL,
  trans_id      text,
  created_at    timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at    timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX payments_reference_key ON payments (reference);

CREATE TABLE orders (
  payment_id   text PRIMARY KEY,
  reference    text NOT NULL,
  status       text NOT NULL,
  received_at  timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
