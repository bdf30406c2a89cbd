// Builds the OpenAPI 3.1 document from the schemas that the api runs on.
import { batchPaths } from './batch-operations.js';
import { componentSchemas, type JsonSchema, refTo } from './components.js';
import { dropInPaths } from './drop-in-operations.js';
import { eventPaths } from './event-operations.js';
import { INTENTS_QUEUE } from '@quittance/queues';
import { CREATE_JOB } from '../publishing/published-job.js';
import type { PathsObject } from './operation.js';
import { opsPaths } from './ops-operations.js';
import { paymentPaths } from './payment-operations.js';
import { refundPaths } from './refund-operations.js';
import { processPaths } from './process-operations.js';

/** The members of the document that our code reads. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description: string;
    readonly contact: { readonly name: string };
    readonly license: { readonly name: string; readonly identifier: string };
  };
  readonly servers: readonly { readonly url: string; readonly description: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: PathsObject;
  /** The queues that services publish to, by name, and their jobs; the schemas are references. */
  readonly 'x-queues': Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, object>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
  };
}

const DESCRIPTION = `Create a payment. It is stored durably, submitted to the gateway at most once, and tracked to its final status.

- **One payment per reference.** The reference is your order id and the idempotency key: repeat a request as often as you like.
- **Amounts** are decimal strings in major units, times are RFC 3339 in UTC, ids are opaque.
- **Errors** are \`application/problem+json\`; \`code\` is stable, and \`errors\` lists every fault of the request.
  A malformed request gets the same form on every address: 400 (\`detail\` gives the reason), 405 (\`Allow\`
  lists the supported methods), 408, 413, 414, 415, 417 or 431.
- **Bodies** are \`application/json\` in UTF-8, of a batch \`application/x-ndjson\`. Every other content type gets a 415 before the body is read. \`GET\` has no body.
  \`null\` for an optional member means that the member is absent.
- **Limits**: 64 KiB of body or of a batch's line, 20 levels of JSON, and a number of requests per second and key, which every response states in
  \`RateLimit\` and \`RateLimit-Policy\`. Beyond it a 429 says when to retry; nothing was done.
- **Signed requests.** A key may require them: \`Signature-Input\` and \`Signature\` (RFC 9421, \`ed25519\`) over \`@method\`, \`@path\`,
  \`@query\` and, with a body, \`content-type\` and \`content-digest\` (RFC 9530), with \`created\` within five minutes and a new \`nonce\`.
- **Jobs.** Services with access to Redis may publish a payment to the BullMQ queue \`payment-intents\` instead;
  \`x-queues\` refers to the schemas of its job.
- **Unknown means unknown.** A payment that is \`in_doubt\` may have been charged. It leaves that status only on evidence from the gateway.`;

export function openApiDocument(): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Quittance',
      version: '1.0.0',
      description: DESCRIPTION,
      contact: { name: 'The operator of this installation' },
      license: { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' },
    },
    servers: [{ url: '/', description: 'The api that serves this document.' }],
    tags: [
      { name: 'Payment intents', description: 'Payments that you request, and their results.' },
      { name: 'Batches', description: 'Many payments in one call.' },
      { name: 'Refunds', description: 'Refunds that you request.' },
      { name: 'Events', description: 'Every transition, in order.' },
      {
        name: 'Gateway form',
        description: 'The gateway’s own addresses, for existing integrations.',
      },
      { name: 'Operations', description: 'For the people and machines that operate Quittance.' },
      { name: 'Process', description: 'Health and metrics; no key needed.' },
    ],
    paths: {
      ...paymentPaths,
      ...batchPaths,
      ...refundPaths,
      ...eventPaths,
      ...dropInPaths,
      ...opsPaths,
      ...processPaths,
    },
    'x-queues': {
      [INTENTS_QUEUE]: {
        [CREATE_JOB]: {
          data: refTo('PublishedJob'),
          payload: refTo('PublishedPaymentIntent'),
          returnValue: refTo('Publication'),
          failedReason: refTo('Problem'),
        },
      },
    },
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'qk_…',
          description:
            'A merchant’s API key, created by the operator with `quittance keys create`. A 401 `signature_required` means that the key requires signed requests.',
        },
        opsSession: {
          type: 'apiKey',
          in: 'cookie',
          name: 'quittance-ops',
          description: 'The cookie of `POST /v1/ops/session`; `__Host-quittance-ops` on https.',
        },
        opsKey: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'qk_…',
          description: 'An ops key: `quittance keys create --ops`. No merchant’s key works here.',
        },
      },
      schemas: componentSchemas(),
    },
  };
}
