// The operations on refunds, as described to callers.
import {
  answer,
  header,
  json,
  needs,
  type OperationObject,
  pathParameter,
  type PathsObject,
  preferWait,
  problems,
  queryParameters,
} from './operation.js';
import { knownVersionQuery } from '../payments/known-version-query.js';
import { listPaymentRefundsQuery, listRefundsQuery } from '../refunds/refund-listing.js';
import { createRefundExample, refundExample } from './examples.js';

const TAGS = ['Refunds'];
const PAYMENT_ID = pathParameter('id', 'The id of a payment intent, `pi_…`.');
const APPLIED = header('`wait`, when the response was held as requested.');

const create: OperationObject = {
  operationId: 'createRefund',
  summary: 'Refund a payment, whole or in part',
  description: [
    'Only for a payment that `succeeded`. The gateway accepts one refund of a payment, so a second one gets a 409',
    '`refund_exists` unless the first has failed. The amount is reserved before the response. Repeat it with the same',
    'reference as often as you like: the same content gives a 200 with the refund in its current state, different content a 409',
    '`reference_conflict`. Completion is a manual step at the gateway; the payment becomes `refund_pending`, then `refunded`',
    'or `partially_refunded`, with an event for each. Every transition of the refund has an event too, `refund.<status>.v1`.',
  ].join(' '),
  tags: TAGS,
  ...needs('refunds:write'),
  parameters: [PAYMENT_ID, preferWait],
  requestBody: { required: true, content: json('CreateRefund', { part: createRefundExample }) },
  responses: {
    200: answer(
      'The refund in its current state: the reference was used before, or the gateway replied within the wait.',
      json('Refund', { pending: refundExample }),
      {
        'Idempotent-Replayed': header('`true`, when the reference was used before.'),
        'Preference-Applied': APPLIED,
      },
    ),
    202: answer('Stored, with its amount reserved.', json('Refund', { pending: refundExample })),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
};

const read: OperationObject = {
  operationId: 'getRefund',
  summary: 'Read a refund, or wait for it to change',
  description:
    'With `Prefer: wait` the response is held until the refund has a version newer than `version`, by default the present one.',
  tags: TAGS,
  ...needs('payments:read'),
  parameters: [
    pathParameter('id', 'The id of a refund, `re_…`.'),
    preferWait,
    ...queryParameters(knownVersionQuery),
  ],
  responses: {
    200: answer('The refund.', json('Refund', { pending: refundExample }), {
      'Preference-Applied': APPLIED,
    }),
    ...problems(401, 403, 404, 422, 429, 503),
  },
};

const list: OperationObject = {
  operationId: 'listRefunds',
  summary: 'List refunds',
  description: 'Newest first. `reference` finds the one refund with your reference.',
  tags: TAGS,
  ...needs('payments:read'),
  parameters: queryParameters(listRefundsQuery),
  responses: {
    200: answer('A page of refunds.', json('RefundPage')),
    ...problems(401, 403, 422, 429, 503),
  },
};

const listOfPayment: OperationObject = {
  operationId: 'listRefundsOfPaymentIntent',
  summary: 'List the refunds of a payment',
  description: 'Newest first, failed ones included.',
  tags: TAGS,
  ...needs('payments:read'),
  parameters: [PAYMENT_ID, ...queryParameters(listPaymentRefundsQuery)],
  responses: {
    200: answer('A page of refunds.', json('RefundPage')),
    ...problems(401, 403, 404, 422, 429, 503),
  },
};

export const refundPaths: PathsObject = {
  '/v1/payment-intents/{id}/refunds': { post: create, get: listOfPayment },
  '/v1/refunds': { get: list },
  '/v1/refunds/{id}': { get: read },
};
