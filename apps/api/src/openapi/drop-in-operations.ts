// The operations in the gateway's own form, as described to callers.
import type { JsonSchema } from './components.js';
import { gatewayFormExample, gatewayReplyExample } from './examples.js';
import {
  answer,
  type Content,
  type OperationObject,
  pathParameter,
  type PathsObject,
  problemContent,
  problems,
  withExamples,
} from './operation.js';

const TAGS = ['Gateway form'];
const TRANS_ID = pathParameter('transId', 'The gateway’s `transID`.');

const text: JsonSchema = { type: 'string' };
const textOrNull: JsonSchema = { type: ['string', 'null'] };
const paymentSchema = {
  type: 'object',
  properties: { transID: text, reference: text, order_status: text, status: text },
  additionalProperties: textOrNull,
} satisfies JsonSchema;
const reply: Content = {
  'application/json': withExamples(
    { schema: { ...paymentSchema, required: Object.keys(paymentSchema.properties) } },
    { answered: gatewayReplyExample },
  ),
};
/** An unknown payment has no members. */
const stored: Content = { 'application/json': { schema: paymentSchema } };
const blocked: Content = {
  'application/json': {
    schema: {
      type: 'object',
      required: ['status', 'transID', 'message', 'blacklist_message'],
      properties: {
        status: { const: 'error' },
        transID: { type: 'integer', description: 'Has more digits than a double can hold.' },
        message: text,
        blacklist_message: text,
      },
    },
  },
};
/** The gateway's shapes of an error: with a number, or a flat one (docs/switching.md). */
const refusal: Content = {
  'application/json': {
    schema: {
      oneOf: [
        {
          type: 'object',
          required: ['error_number', 'error_message', 'status'],
          properties: {
            error_number: text,
            error_message: text,
            status: { const: 'Error' },
            faults: {
              type: 'array',
              items: {
                type: 'object',
                required: ['field', 'code'],
                properties: { field: text, code: text },
              },
            },
            differing_fields: { type: 'array', items: text },
          },
        },
        {
          type: 'object',
          required: ['error'],
          properties: {
            error: text,
            status: { const: 'error' },
            message: text,
            request_id: text,
          },
        },
      ],
    },
  },
};
const parameters = {
  type: 'object',
  description: 'The parameters of the gateway’s create call, or `encrypted_data` alone.',
  additionalProperties: { type: ['string', 'number'] },
} satisfies JsonSchema;
const media = withExamples({ schema: parameters }, { card: gatewayFormExample });
const body: Content = {
  'application/json': media,
  'application/x-www-form-urlencoded': media,
  'multipart/form-data': media,
};

function create(operationId: string): OperationObject {
  return {
    operationId,
    summary: 'Accept a payment in the gateway’s form',
    description: [
      'For services that were written for the gateway, and terminals whose operator allows it from the caller’s network.',
      'The response is the gateway’s reply. A repeat of the request returns the first payment, whatever `unique_reference` says;',
      'other content with the same reference gets error 5012. Both addresses accept both forms.',
    ].join(' '),
    tags: TAGS,
    security: [],
    requestBody: { required: true, content: body },
    responses: {
      200: answer('The gateway’s reply.', reply),
      400: answer('The gateway refused the payment, or the request has faults.', {
        ...refusal,
        ...problemContent,
      }),
      403: answer('The gateway blocked the payment.', blocked),
      404: answer('No terminal accepts this public key from this network.', refusal),
      429: answer('Too many requests.', refusal),
      503: answer('Temporarily unavailable. Sending the request again is safe.', refusal),
      504: answer('The outcome is unknown. Send the same request again to learn it.', refusal),
      ...problems(413, 431),
    },
  };
}

const status: OperationObject = {
  operationId: 'gatewayFormStatus',
  summary: 'Read the stored status in the gateway’s form',
  description: 'Never calls the gateway. An unknown payment gets an empty object, as there.',
  tags: TAGS,
  security: [],
  parameters: [TRANS_ID],
  responses: {
    200: answer('The status.', stored),
    404: answer('Not a number.', refusal),
    ...problems(429, 431),
  },
};

/** `authurl` is missing: it is a page for the payer's browser, and only redirects. */
export const dropInPaths: PathsObject = {
  '/api/s2s': { post: create('createInGatewayForm') },
  '/api/s2s/encrypt': { post: create('createEncryptedInGatewayForm') },
  '/api/authurl/s2s/{transId}': { get: status },
};
