// The operations on refunds, as callers read about them.
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
    'Only a payment that `succeeded`; the gateway takes one refund of a payment, so that a second one answers 409',
    '`refund_exists` as long as the first has not failed. The amount is reserved with the answer. Send it again with the same',
    'reference as often as you like: the same content answers 200 with the refund as it is now, other content 409',
    '`reference_conflict`. Completion is a manual step at the gateway; the payment goes `refund_pending`, then `refunded`',
    'or `partially_refunded`, and its events tell so.',
  ].join(' '),
  tags: TAGS,
  security: needs('refunds:write'),
  parameters: [pathParameter('id', 'The id of a payment intent, `pi_…`.'), preferWait],
  requestBody: { required: true, content: json('CreateRefund', { part: createRefundExample }) },
  responses: {
    200: answer(
      'The refund as it is now: the reference was used before, or the gateway has answered within the wait.',
      json('Refund', { pending: refundExample }),
      {
        'Idempotent-Replayed': header('`true`, when the reference was used before.'),
        'Preference-Applied': header('`wait`, when the answer was held as you preferred.'),
      },
    ),
    202: answer('Stored, and its amount reserved.', json('Refund', { pending: refundExample })),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
};

const read: OperationObject = {
  operationId: 'getRefund',
  summary: 'Read a refund',
  tags: TAGS,
  security: needs('payments:read'),
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
