// The operations that every process of Quittance serves in addition to its work.
import {
  answer,
  type Content,
  type OperationObject,
  type PathsObject,
  problems,
} from './operation.js';

const TAGS = ['Process'];

function open(
  operationId: string,
  summary: string,
  description: string,
  responses: OperationObject['responses'],
): OperationObject {
  return {
    operationId,
    summary,
    description,
    tags: TAGS,
    security: [],
    responses: { ...responses, ...problems(431) },
  };
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
              crv: { enum: ['X25519', 'Ed25519'] },
              x: { type: 'string' },
              kid: { type: 'string' },
              use: { enum: ['enc', 'sig'] },
              alg: { enum: ['ECDH-ES', 'EdDSA'] },
            },
          },
        },
      },
    },
  },
};

export const processPaths: PathsObject = {
  '/.well-known/jwks.json': {
    get: open(
      'sealingKeys',
      'Read the public keys',
      'A JWK Set (RFC 7517): the key for `card_jwe` (`use` is `enc`), and those that verify a `status_token` (`sig`). It may be cached for five minutes.',
      { 200: answer('A JWK Set.', sealingKeys) },
    ),
  },
  '/livez': {
    get: open('live', 'Check that the process is alive', 'Uses no other process.', {
      200: answer('The process is alive.', liveness),
    }),
  },
  '/readyz': {
    get: open(
      'ready',
      'Check that the process can work',
      'Asks Postgres and Redis. `degraded` means that it works without one that it does not need.',
      {
        200: answer('The process works.', readiness),
        503: answer('A dependency is unavailable; `checks` names it and the reason.', readiness),
      },
    ),
  },
  '/metrics': {
    get: open('metrics', 'Read the metrics', 'In the text format of Prometheus.', {
      200: answer('The metrics.', { 'text/plain': { schema: { type: 'string' } } }),
    }),
  },
};
