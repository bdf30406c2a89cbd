// The operations in the gateway's own form, as described to callers.
import type { JsonSchema } from './components.js';
import {
  answer,
  type Content,
  type OperationObject,
  pathParameter,
  type PathsObject,
  problems,
} from './operation.js';

const TAGS = ['Gateway form'];
const TRANS_ID = pathParameter('transId', 'The gateway’s `transID`.');

/** Flat objects whose members depend on the outcome (docs/switching.md). */
const flat: Content = { 'application/json': { schema: { type: 'object' } } };
const parameters = {
  type: 'object',
  description: 'The parameters of the gateway’s create call, or `encrypted_data` alone.',
  additionalProperties: { type: ['string', 'number'] },
} satisfies JsonSchema;
const body: Content = {
  'application/json': { schema: parameters },
  'application/x-www-form-urlencoded': { schema: parameters },
  'multipart/form-data': { schema: parameters },
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
      200: answer('The gateway’s reply.', flat),
      400: answer('The gateway refused the payment, or the request has faults.', flat),
      403: answer('The gateway blocked the payment.', flat),
      404: answer('No terminal accepts this public key from this network.', flat),
      429: answer('Too many requests.', flat),
      503: answer('Temporarily unavailable. Sending the request again is safe.', flat),
      504: answer('The outcome is unknown. Send the same request again to learn it.', flat),
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
    200: answer('The status.', flat),
    404: answer('Not a number.', flat),
    ...problems(429, 431),
  },
};

/** `authurl` is missing: it is a page for the payer's browser, and only redirects. */
export const dropInPaths: PathsObject = {
  '/api/s2s': { post: create('createInGatewayForm') },
  '/api/s2s/encrypt': { post: create('createEncryptedInGatewayForm') },
  '/api/authurl/s2s/{transId}': { get: status },
};
