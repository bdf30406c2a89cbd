// The OpenAPI 3.1 document: what the API is, in one JSON, from the schemas it runs on.
import { componentSchemas, type JsonSchema } from './components.js';
import { eventPaths } from './event-operations.js';
import type { PathsObject } from './operation.js';
import { paymentPaths } from './payment-operations.js';
import { refundPaths } from './refund-operations.js';
import { processPaths } from './process-operations.js';

/** As far as we look into it. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: PathsObject;
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, object>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
  };
}

const DESCRIPTION = `Hand over a payment; it is stored durably, submitted to the gateway at most once, and followed to its end.

- **One payment per reference.** The reference is your order id and the idempotency key: repeat a request as often as you like.
- **Amounts** are decimal strings in major units, times are RFC 3339 in UTC, ids are opaque.
- **Errors** are \`application/problem+json\`; \`code\` is stable, and \`errors\` lists every fault at once.
  What is no request for this API at all is answered in the same form, whatever the operation: 400 (\`detail\` says why), 405 (\`Allow\`
  names what the address takes), 408, 413, 414, 415, 417 or 431.
- **Bodies** are \`application/json\` in UTF-8; every other content type is 415, before anything of the body is read. \`GET\` takes none.
  \`null\` for a member that may be missing says that it is.
- **Limits**: 64 KiB of body, 20 levels of JSON, and a number of requests a second and key that every answer tells in
  \`RateLimit\` and \`RateLimit-Policy\`. Beyond it 429 says when to come back; nothing was done.
- **Signed requests.** A key may demand them: \`Signature-Input\` and \`Signature\` (RFC 9421, \`ed25519\`) over \`@method\`, \`@path\`,
  \`@query\` and, with a body, \`content-type\` and \`content-digest\` (RFC 9530), \`created\` within five minutes and a \`nonce\` that is new.
- **Unknown means unknown.** A payment that is \`in_doubt\` may have been charged. It leaves that status by the gateway's own word.`;

export function openApiDocument(): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: { title: 'Quittance', version: '1.0.0', description: DESCRIPTION },
    tags: [
      { name: 'Payment intents', description: 'What you ask to be paid, and what became of it.' },
      { name: 'Refunds', description: 'What you ask to be paid back.' },
      { name: 'Events', description: 'Every change, in order.' },
      { name: 'Process', description: 'Health and metrics; no key needed.' },
    ],
    paths: { ...paymentPaths, ...refundPaths, ...eventPaths, ...processPaths },
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'qk_…',
          description:
            'A merchant’s API key, made by the operator with `quittance keys create`. 401 `signature_required` says that it signs its requests.',
        },
      },
      schemas: componentSchemas(),
    },
  };
}
