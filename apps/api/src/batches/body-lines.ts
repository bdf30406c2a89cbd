// Reads the lines of a body while they arrive, and ends a body that stalls.
import { within } from '@quittance/platform';
import { HTTP_LIMITS } from '@quittance/server';
import type { Readable } from 'node:stream';
import { LineSplitter, type SplitLine } from './line-splitter.js';

/**
 * Yields the lines of a body. Rejects with `DeadlineExceeded` when the caller sends no end of a
 * line for `withinMs`, and with the stream's error when the caller has disconnected. Time in which
 * no line is asked for does not count.
 */
export async function* linesOf(
  body: Readable,
  withinMs: number,
): AsyncGenerator<SplitLine, void, undefined> {
  const splitter = new LineSplitter(HTTP_LIMITS.bodyBytes);
  const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  let leftMs = withinMs;
  for (;;) {
    const asked = performance.now();
    const { done, value } = await within(Math.max(1, leftMs), chunks.next());
    if (done === true) break;
    leftMs -= performance.now() - asked;
    for (const line of splitter.push(value)) {
      leftMs = withinMs;
      yield line;
    }
  }
  yield* splitter.end();
}
