// The operations on batches, as described to callers.
import { acceptedExample, walletExample } from './examples.js';
import {
  answer,
  header,
  json,
  ndjson,
  needs,
  type OperationObject,
  pathParameter,
  type PathsObject,
  problems,
  requestHeader,
} from './operation.js';

const TAGS = ['Batches'];

const create: OperationObject = {
  operationId: 'createPaymentIntentBatch',
  summary: 'Accept many payments in one call',
  description: [
    'NDJSON both ways, streamed: each line of the body is the body of a single request, and gets one line of the response, in',
    'order, as soon as it is settled. A line counts as a request of its key and has at most 64 KiB; a bad line affects no other one.',
    'Blank lines are numbered and get no outcome. Read the response while you send, because the call goes on only as fast as you read.',
    'A call that ends before its body does says so in a last line without `line`. Continue it with the same `Batch-Id` and with',
    '`First-Line`, the number of the first line without an outcome or with a 503: repeated lines are recognized by their references.',
    'A batch ends some time after its last call, 90 days by default; then begin it with `First-Line` 1, or get a 409.',
    'Where the key signs, sign the head without `content-digest`, and send each line as a `SignedLine`.',
  ].join(' '),
  tags: TAGS,
  ...needs('payments:write'),
  parameters: [
    requestHeader('Batch-Id', 'Your name of the batch. Default: a new one, in the response.', {
      type: 'string',
      pattern: '^[A-Za-z0-9._-]{1,64}$',
    }),
    requestHeader('First-Line', 'The number of the first line of this body in the batch.', {
      type: 'integer',
      minimum: 1,
      maximum: 999_999_999,
      default: 1,
    }),
  ],
  requestBody: {
    required: true,
    content: ndjson(['CreatePaymentIntent', 'SignedLine'], { wallet: walletExample }),
  },
  responses: {
    200: answer(
      'One outcome for each line. The status says nothing about the lines.',
      ndjson(['BatchOutcome'], {
        accepted: { line: 1, status: 202, payment_intent: acceptedExample },
      }),
      { 'Batch-Id': header('The name of the batch.') },
    ),
    ...problems(400, 401, 403, 409, 415, 422, 429, 503),
  },
};

const read: OperationObject = {
  operationId: 'getPaymentIntentBatch',
  summary: 'Read the progress of a batch',
  description: 'Includes every outcome that was sent. A batch that has ended gives 404.',
  tags: TAGS,
  ...needs('payments:read'),
  parameters: [
    pathParameter('batch_id', 'The `Batch-Id` of a call; one that the API made is `bat_…`.'),
  ],
  responses: {
    200: answer('The batch.', json('Batch')),
    ...problems(401, 403, 404, 429, 503),
  },
};

export const batchPaths: PathsObject = {
  '/v1/payment-intents/batch': { post: create },
  '/v1/batches/{batch_id}': { get: read },
};
