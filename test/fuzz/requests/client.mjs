// An HTTP client that sends any bytes. Those that others are built on refuse to send most of what is tried here.
import { connect } from 'node:net';

const BODILESS = new Set([204, 304]);
const HEAD_END = '\r\n\r\n';

/** One answer out of the bytes so far; undefined while it is not whole. `hasEnded`: no more will come. */
export function readAnswer(bytes, { isHead = false, hasEnded = false } = {}) {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const [start, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(start)?.[1]);
  const rest = bytes.subarray(end + HEAD_END.length);
  if (status >= 100 && status < 200 && status !== 101)
    return readAnswer(rest, { isHead, hasEnded });
  const headers = new Map(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  const body = isHead || BODILESS.has(status) ? Buffer.alloc(0) : bodyOf(rest, headers, hasEnded);
  return body && { status, headers, type: headers.get('content-type'), text: body.toString() };
}

function bodyOf(rest, headers, hasEnded) {
  if (headers.get('transfer-encoding')?.toLowerCase() === 'chunked') return unchunked(rest);
  const length = headers.get('content-length');
  if (length === undefined) return hasEnded ? rest : undefined;
  return rest.length < Number(length) ? undefined : rest.subarray(0, Number(length));
}

function unchunked(bytes) {
  const parts = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const length = Number.parseInt(bytes.subarray(at, lineEnd).toString(), 16);
    if (length === 0) return Buffer.concat(parts);
    if (bytes.length < lineEnd + 2 + length + 2) return undefined;
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
}

/**
 * Sends bytes on a connection of their own and reads one answer.
 * @param {{ host: string, port: number }} target
 * @param {{ bytes: Buffer, isHead?: boolean, closesHalf?: boolean, limitMs: number }} request `closesHalf`: nothing more will be sent,
 *   and the server may know
 * @returns {Promise<{ ended: 'answered' | 'cut' | 'late', ms: number, status?: number, headers?: Map<string, string>, type?: string, text?: string }>}
 */
export function send({ host, port }, { bytes, isHead, closesHalf = false, limitMs }) {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const socket = connect({ host, port, allowHalfOpen: true });
    let got = Buffer.alloc(0);
    const finish = (ended, answer) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ended, ms: performance.now() - startedAt, ...answer });
    };
    const timer = setTimeout(() => finish('late'), limitMs);
    const look = (hasEnded) => {
      const answer = readAnswer(got, { isHead, hasEnded });
      if (answer) finish('answered', answer);
      else if (hasEnded) finish('cut');
    };
    socket.on('data', (chunk) => {
      got = got.length === 0 ? chunk : Buffer.concat([got, chunk]);
      look(false);
    });
    socket.on('end', () => look(true));
    // The server hangs up while an oversized body is still on its way; what it said before counts.
    socket.on('error', () => look(true));
    socket.on('close', () => look(true));
    if (closesHalf) socket.end(bytes);
    else socket.write(bytes);
  });
}
