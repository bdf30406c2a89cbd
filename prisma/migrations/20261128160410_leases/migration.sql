-- Roles that one process of the deployment has at a time, such as the export of gauges about the
-- database.
CREATE TABLE leases (
  name   text PRIMARY KEY,
  holder uuid NOT NULL,
  until  timestamptz(3) NOT NULL
);
