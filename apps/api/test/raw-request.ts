// Sends requests that no HTTP client would send, byte for byte.
import { send } from '../../../test/support/raw-client.js';

/** A raw response. */
export interface RawAnswer {
  readonly status: number | undefined;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** A raw request. Header lines are in order and may repeat. The host is added, a length is not. */
export interface RawRequest {
  readonly method: string;
  /** Path and query, one character per byte. */
  readonly target: string;
  /** One character per byte. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** The raw bytes after the headers. */
  readonly bytes?: Buffer | string;
}

/** Sends a request on its own connection. Throws when it gets no response. */
export async function rawRequest(url: string, request: RawRequest): Promise<RawAnswer> {
  const { hostname: host, port } = new URL(url);
  const { method, target, headers = [], bytes = '' } = request;
  const lines = [['host', 'x'] as const, ['connection', 'close'] as const, ...headers];
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const start = Buffer.from(`${method} ${target} HTTP/1.1\r\n${head}\r\n`, 'latin1');
  const whole = Buffer.concat([start, Buffer.from(bytes)]);
  const isHead = method === 'HEAD';
  const answer = await send(
    { host, port: Number(port) },
    { bytes: whole, isHead, limitMs: 10_000 },
  );
  if (answer.ended !== 'answered') throw new Error(`the request was ${answer.ended}`);
  return {
    status: answer.status,
    headers: answer.headers ?? new Map<string, string>(),
    text: answer.text ?? '',
  };
}

/** Returns the headers and bytes of a body with its length. */
export function withBody(
  type: string | undefined,
  body: Buffer | string,
): Pick<RawRequest, 'headers' | 'bytes'> & { headers: [string, string][] } {
  const bytes = Buffer.from(body);
  const length: [string, string] = ['content-length', String(bytes.length)];
  return { headers: type === undefined ? [length] : [['content-type', type], length], bytes };
}
