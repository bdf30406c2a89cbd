// The operations that every process of Quittance serves in addition to its work.
import { answer, type Content, type OperationObject, type PathsObject } from './operation.js';

const TAGS = ['Process'];

function open(
  operationId: string,
  summary: string,
  responses: OperationObject['responses'],
): OperationObject {
  return { operationId, summary, tags: TAGS, security: [], responses };
}

const readiness: Content = {
  'application/json': {
    schema: {
      type: 'object',
      required: ['status', 'checks'],
      properties: {
        status: { enum: ['ready', 'degraded', 'unready'] },
        checks: {
          type: 'object',
          additionalProperties: {
            type: 'object',
            required: ['status'],
            properties: {
              status: { enum: ['up', 'down'] },
              reason: { type: 'string', description: 'The reason when it is down.' },
              detail: { type: 'string', description: 'A remark although it is up.' },
            },
          },
        },
      },
    },
  },
};

const liveness: Content = {
  'application/json': {
    schema: { type: 'object', required: ['status'], properties: { status: { const: 'alive' } } },
  },
};

const sealingKeys: Content = {
  'application/jwk-set+json': {
    schema: {
      type: 'object',
      required: ['keys'],
      properties: {
        keys: {
          type: 'array',
          items: {
            type: 'object',
            required: ['kty', 'crv', 'x', 'kid', 'use', 'alg'],
            properties: {
              kty: { const: 'OKP' },
              crv: { const: 'X25519' },
              x: { type: 'string' },
              kid: { type: 'string' },
              use: { const: 'enc' },
              alg: { const: 'ECDH-ES' },
            },
          },
        },
      },
    },
  },
};

export const processPaths: PathsObject = {
  '/.well-known/jwks.json': {
    get: open('sealingKeys', 'Read the key to seal `card_jwe` to', {
      200: answer('A JWK Set of one key. Read it again after five minutes.', sealingKeys),
    }),
  },
  '/livez': {
    get: open('live', 'Is the process alive?', { 200: answer('It is.', liveness) }),
  },
  '/readyz': {
    get: open('ready', 'Can it do its work now?', {
      200: answer(
        'It can; `degraded` while it works without an unavailable dependency.',
        readiness,
      ),
      503: answer(
        'A dependency that it needs is unavailable; `checks` gives the reason.',
        readiness,
      ),
    }),
  },
  '/metrics': {
    get: open('metrics', 'Metrics in the format of Prometheus', {
      200: answer('The metrics.', { 'text/plain': { schema: { type: 'string' } } }),
    }),
  },
};
