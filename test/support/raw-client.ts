// An HTTP client that sends any bytes. The usual clients refuse to send most of what is tried here.
import { connect } from 'node:net';

const BODILESS = new Set([204, 304]);
const CRLF = '\r\n';
const HEAD_END = CRLF + CRLF;

/** An answer as it came, or the way in which none came. */
export interface Answer {
  readonly ended: 'answered' | 'cut' | 'late';
  readonly ms: number;
  readonly status?: number;
  readonly headers?: ReadonlyMap<string, string>;
  readonly type?: string | undefined;
  readonly text?: string;
}

/** One answer out of the bytes so far; undefined while it is incomplete. */
function readAnswer(bytes: Buffer, isHead: boolean, hasEnded: boolean): object | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const [start = '', ...lines] = bytes.subarray(0, end).toString('latin1').split(CRLF);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(start)?.[1]);
  const rest = bytes.subarray(end + HEAD_END.length);
  if (status >= 100 && status < 200 && status !== 101) return readAnswer(rest, isHead, hasEnded);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const hasNone = isHead || BODILESS.has(status);
  const body = hasNone ? Buffer.alloc(0) : bodyOf(rest, headers, hasEnded);
  return body && { status, headers, type: headers.get('content-type'), text: body.toString() };
}

function bodyOf(rest: Buffer, headers: ReadonlyMap<string, string>, hasEnded: boolean) {
  if (headers.get('transfer-encoding')?.toLowerCase() === 'chunked') return unchunked(rest);
  const length = headers.get('content-length');
  if (length === undefined) return hasEnded ? rest : undefined;
  return rest.length < Number(length) ? undefined : rest.subarray(0, Number(length));
}

function unchunked(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf(CRLF, at);
    if (lineEnd < 0) return undefined;
    const length = Number.parseInt(bytes.subarray(at, lineEnd).toString(), 16);
    if (length === 0) return Buffer.concat(parts);
    const from = lineEnd + CRLF.length;
    if (bytes.length < from + length + CRLF.length) return undefined;
    parts.push(bytes.subarray(from, from + length));
    at = from + length + CRLF.length;
  }
}

/** The bytes of a request; `closesHalf` tells the server that no more will follow. */
export interface RawBytes {
  readonly bytes: Buffer;
  readonly limitMs: number;
  readonly isHead?: boolean;
  readonly closesHalf?: boolean;
}

/** Sends bytes on a connection of their own and reads one answer. */
export function send(target: { host: string; port: number }, request: RawBytes): Promise<Answer> {
  const { bytes, limitMs, isHead = false, closesHalf = false } = request;
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const socket = connect({ ...target, allowHalfOpen: true });
    const received: Buffer[] = [];
    const finish = (ended: Answer['ended'], answer: object = {}) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ended, ms: performance.now() - startedAt, ...answer });
    };
    const timer = setTimeout(() => finish('late'), limitMs);
    const read = (hasEnded: boolean) => {
      const answer = readAnswer(Buffer.concat(received), isHead, hasEnded);
      if (answer) finish('answered', answer);
      else if (hasEnded) finish('cut');
    };
    socket.on('data', (chunk) => {
      received.push(chunk);
      read(false);
    });
    // The server hangs up while an oversized body is still on its way; what it sent before counts.
    for (const event of ['end', 'error', 'close']) socket.on(event, () => read(true));
    if (closesHalf) socket.end(bytes);
    else socket.write(bytes);
  });
}
