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
} from './operation.js';
import { createRefundExample, refundExample } from './examples.js';

const TAGS = ['Refunds'];

const create: OperationObject = {
  operationId: 'createRefund',
  summary: 'Refund a payment, whole or in part',
  description: [
    'Only for a payment that `succeeded`. The gateway accepts one refund of a payment, so a second one gets a 409',
    '`refund_exists` unless the first has failed. The amount is reserved before the response. Repeat it with the same',
    'reference as often as you like: the same content gives a 200 with the refund in its current state, different content a 409',
    '`reference_conflict`. Completion is a manual step at the gateway; the payment becomes `refund_pending`, then `refunded`',
    'or `partially_refunded`, with an event for each.',
  ].join(' '),
  tags: TAGS,
  ...needs('refunds:write'),
  parameters: [pathParameter('id', 'The id of a payment intent, `pi_…`.'), preferWait],
  requestBody: { required: true, content: json('CreateRefund', { part: createRefundExample }) },
  responses: {
    200: answer(
      'The refund in its current state: the reference was used before, or the gateway replied within the wait.',
      json('Refund', { pending: refundExample }),
      {
        'Idempotent-Replayed': header('`true`, when the reference was used before.'),
        'Preference-Applied': header('`wait`, when the response was held as requested.'),
      },
    ),
    202: answer('Stored, with its amount reserved.', json('Refund', { pending: refundExample })),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
};

const read: OperationObject = {
  operationId: 'getRefund',
  summary: 'Read a refund',
  description: 'Returns the refund as it is now.',
  tags: TAGS,
  ...needs('payments:read'),
  parameters: [pathParameter('id', 'The id of a refund, `re_…`.')],
  responses: {
    200: answer('The refund.', json('Refund', { pending: refundExample })),
    ...problems(401, 403, 404, 429, 503),
  },
};

export const refundPaths: PathsObject = {
  '/v1/payment-intents/{id}/refunds': { post: create },
  '/v1/refunds/{id}': { get: read },
};
