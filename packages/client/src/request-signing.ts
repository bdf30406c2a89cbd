// Signed requests: RFC 9421 with Ed25519, over a digest by RFC 9530 (docs/request-signing.md).
import { createHash, type KeyObject, randomUUID, sign } from 'node:crypto';

/** A request before it is signed. */
export interface SignableRequest {
  readonly method: string;
  readonly url: URL;
  readonly contentType: string | undefined;
  readonly body: string | undefined;
  /** Further headers that are signed. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The headers that sign a request: a new nonce each time, because each is accepted once. */
export function signatureHeaders(
  { method, url, contentType, body, headers = {} }: SignableRequest,
  privateKey: KeyObject,
): Record<string, string> {
  const content: Record<string, string> = {};
  if (contentType !== undefined) content['content-type'] = contentType;
  if (contentType !== undefined && body !== undefined) {
    const digest = createHash('sha256').update(body).digest('base64');
    content['content-digest'] = `sha-256=:${digest}:`;
  }
  const signed: Record<string, string> = {
    '@method': method,
    '@path': url.pathname,
    '@query': url.search || '?',
    ...content,
    ...headers,
  };
  const names = Object.keys(signed).map((name) => `"${name}"`);
  const created = Math.floor(Date.now() / 1000);
  const input = `(${names.join(' ')});created=${created};nonce="${randomUUID()}"`;
  const lines = Object.entries(signed).map(([name, value]) => `"${name}": ${value}`);
  const base = [...lines, `"@signature-params": ${input}`].join('\n');
  const signature = sign(null, Buffer.from(base), privateKey).toString('base64');
  return { ...content, 'signature-input': `sig=${input}`, signature: `sig=:${signature}:` };
}
