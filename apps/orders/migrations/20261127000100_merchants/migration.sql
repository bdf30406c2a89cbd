-- References are unique per merchant only. Orders of events that older processes published have no merchant.
ALTER TABLE orders ADD COLUMN merchant text;
