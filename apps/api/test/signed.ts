// A caller that signs its requests (RFC 9421, ed25519), written from the RFC and independent of our
// implementation.
import { createHash, type KeyObject, randomUUID, sign } from 'node:crypto';

/** The content and the manner of the signature. Every part can be made wrong. */
export interface SigningOptions {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly body?: string;
  readonly privateKey: KeyObject;
  /** Unix time in seconds; default now. */
  readonly created?: number;
  readonly components?: readonly string[];
  /** Default: a new one; `null` for none. */
  readonly nonce?: string | null;
  /** Parameters after `created` and the nonce, verbatim. */
  readonly parameters?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const digestHeader = (body: string): string =>
  `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;

/** Returns the headers to send with the request. */
export function signedHeaders(options: SigningOptions): Record<string, string> {
  const { method, target, body, privateKey, nonce = randomUUID(), parameters = '' } = options;
  const { created = Math.floor(Date.now() / 1000) } = options;
  const headers = {
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-digest': digestHeader(body),
    }),
    ...options.headers,
  };
  const components = options.components ?? [
    '@method',
    '@path',
    '@query',
    ...(body === undefined ? [] : ['content-type', 'content-digest']),
  ];
  const [path = '', query = ''] = target.split('?');
  const derived: Readonly<Record<string, string>> = {
    '@method': method,
    '@path': path,
    '@query': `?${query}`,
  };
  const values: Readonly<Record<string, string>> = { ...headers, ...derived };
  const once = nonce === null ? '' : `;nonce="${nonce}"`;
  const list = components.map((name) => `"${name}"`).join(' ');
  const input = `(${list});created=${created}${once}${parameters}`;
  const lines = components.map((name) => `"${name}": ${values[name] ?? ''}`);
  const base = [...lines, `"@signature-params": ${input}`].join('\n');
  const signature = sign(null, Buffer.from(base), privateKey).toString('base64');
  return { ...headers, 'signature-input': `sig=${input}`, signature: `sig=:${signature}:` };
}
