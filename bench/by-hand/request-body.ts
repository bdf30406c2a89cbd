// What both versions written by hand check of a create request before they take it, as a schema for
// Fastify.
const text = { type: 'string', minLength: 1, maxLength: 200 };
const amount = { type: 'string', pattern: '^\\d{1,9}(\\.\\d{1,2})?$' };

const card = {
  type: 'object',
  required: ['number', 'cvv', 'exp_month', 'exp_year'],
  properties: { number: text, cvv: text, exp_month: text, exp_year: text },
};

/** A create request with a card. */
export const body = {
  type: 'object',
  required: ['reference', 'amount', 'currency', 'method', 'product_name', 'return_url', 'card'],
  properties: {
    reference: text,
    amount,
    currency: text,
    method: text,
    product_name: text,
    return_url: text,
    customer: { type: 'object' },
    card,
  },
};
