// The operations on payments, as described to callers.
import { listPaymentsQuery } from '../payments/payment-listing.js';
import { knownVersionQuery } from '../payments/known-version-query.js';
import {
  acceptedExample,
  createExample,
  sealedExample,
  succeededExample,
  walletExample,
} from './examples.js';
import {
  answer,
  header,
  idempotencyKey,
  json,
  needs,
  type OperationObject,
  pathParameter,
  type PathsObject,
  preferWait,
  problems,
  queryParameters,
} from './operation.js';

const TAGS = ['Payment intents'];
const ID = pathParameter('id', 'The id of a payment intent, `pi_…`.');
const APPLIED = header('`wait`, when the response was held as requested.');

const create: OperationObject = {
  operationId: 'createPaymentIntent',
  summary: 'Accept a payment',
  description: [
    'A 202 means that the payment is stored durably and will be submitted to the gateway at most once.',
    'Repeat it with the same reference as often as you like: the same content gives a 200 with the payment',
    'in its current state; different content gives a 409 `reference_conflict` that names the fields that differ.',
    '`customer.ip` and `metadata` are ignored, amounts are compared as numbers, and cards by brand, first six',
    'and last four digits, because no other digits may be stored. Two `card_jwe` cannot be compared and count as equal.',
  ].join(' '),
  tags: TAGS,
  ...needs('payments:write'),
  parameters: [preferWait, idempotencyKey],
  requestBody: {
    required: true,
    content: json('CreatePaymentIntent', {
      card: createExample,
      sealed: sealedExample,
      wallet: walletExample,
    }),
  },
  responses: {
    200: answer(
      'The payment in its current state: the reference was used before, or the gateway replied within the wait.',
      json('PaymentIntent', { succeeded: succeededExample }),
      {
        'Idempotent-Replayed': header('`true`, when the reference was used before.'),
        'Preference-Applied': APPLIED,
      },
    ),
    202: answer('Accepted and stored.', json('PaymentIntent', { accepted: acceptedExample })),
    ...problems(400, 401, 403, 409, 413, 415, 422, 429, 503),
  },
};

const list: OperationObject = {
  operationId: 'listPaymentIntents',
  summary: 'List payments',
  description: 'Newest first.',
  tags: TAGS,
  ...needs('payments:read'),
  parameters: queryParameters(listPaymentsQuery),
  responses: {
    200: answer('A page of payments.', json('PaymentIntentPage')),
    ...problems(401, 403, 422, 429, 503),
  },
};

const read: OperationObject = {
  operationId: 'getPaymentIntent',
  summary: 'Read a payment, or wait for it to change',
  description:
    'With `Prefer: wait` the response is held until the payment has a version newer than `version`, by default the present one.',
  tags: TAGS,
  ...needs('payments:read'),
  parameters: [ID, preferWait, ...queryParameters(knownVersionQuery)],
  responses: {
    200: answer('The payment.', json('PaymentIntent', { succeeded: succeededExample }), {
      'Preference-Applied': APPLIED,
    }),
    ...problems(401, 403, 404, 422, 429, 503),
  },
};

const timeline: OperationObject = {
  operationId: 'getPaymentIntentTimeline',
  summary: 'Read the history of a payment',
  description:
    'Every transition with its cause, and every attempt to submit the payment to the gateway.',
  tags: TAGS,
  ...needs('payments:read'),
  parameters: [ID],
  responses: {
    200: answer('The history.', json('Timeline')),
    ...problems(401, 403, 404, 429, 503),
  },
};

const cancel: OperationObject = {
  operationId: 'cancelPaymentIntent',
  summary: 'Cancel a payment that has not been sent',
  description:
    'Only while it is `queued`; otherwise 409 `state_conflict`. It has no body; `{}` and `null` count as none.',
  tags: TAGS,
  ...needs('payments:write'),
  parameters: [ID],
  responses: {
    200: answer('The cancelled payment.', json('PaymentIntent')),
    ...problems(400, 401, 403, 404, 409, 415, 429, 503),
  },
};

export const paymentPaths: PathsObject = {
  '/v1/payment-intents': { post: create, get: list },
  '/v1/payment-intents/{id}': { get: read },
  '/v1/payment-intents/{id}/timeline': { get: timeline },
  '/v1/payment-intents/{id}/cancel': { post: cancel },
};
