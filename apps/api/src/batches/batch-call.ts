// One call of a batch, from its first line to the end of its response. Two loops run side by side:
// one reads lines and starts their intake, the other writes the outcomes in order. The queue
// between them bounds the lines in flight, so that a slow Postgres or a slow reader slows the
// caller down and fills no memory.
import { DeadlineExceeded, InvalidRequest, Unavailable } from '@quittance/platform';
import type { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  acceptedLine,
  blankLine,
  endOfCall,
  failedLine,
  isFaultOfOurs,
  type LineOutcome,
} from './batch-outcome.js';
import type { BatchProgress } from './batch-progress.js';
import { linesOf } from './body-lines.js';
import type { LineAdmission } from './line-admission.js';
import type { LineCaller, LineIntake } from './line-intake.js';
import type { SplitLine } from './line-splitter.js';
import { OutcomeQueue } from './outcome-queue.js';

/**
 * Two statements of lines: one is in flight while the next one gathers. Of lines of the longest
 * size only sixteen are in flight.
 */
const IN_FLIGHT = { lines: 500, bytes: 1024 * 1024 };

/** Single requests get their turn of the event loop this often. */
const TURN_MS = 5;

/** One call. The first line of its body is line `firstLine` of the batch. */
export interface BatchRequest {
  readonly from: LineCaller;
  readonly body: Readable;
  readonly firstLine: number;
  readonly requestId: string;
}

/** The parts of the process that a call uses. */
export interface BatchCallParts {
  readonly lines: LineIntake;
  readonly admission: LineAdmission;
  readonly linesMax: number;
  /**
   * The longest wait for the end of the next line, and for the caller to read outcomes. A caller
   * that sends a line byte by byte holds up its own batch and nothing else.
   */
  readonly idleMs: number;
  /** Called with faults of ours, which a response only names. */
  readonly onFault: (error: unknown) => void;
}

export class BatchCall {
  readonly #request: BatchRequest;
  readonly #parts: BatchCallParts;
  readonly #progress: BatchProgress;
  readonly #queue = new OutcomeQueue<LineOutcome>(IN_FLIGHT);
  readonly #ending = new AbortController();
  /** By reference, the intake that the next line with the reference waits for. */
  readonly #intakes = new Map<string, Promise<unknown>>();
  /** Resolves once every line so far has been read. */
  #earlierRead: Promise<unknown> = Promise.resolve();
  #lastTurn = performance.now();

  constructor(
    request: BatchRequest,
    parts: BatchCallParts,
    progressOf: (onFailure: (error: unknown) => void) => BatchProgress,
  ) {
    this.#request = request;
    this.#parts = parts;
    this.#progress = progressOf((error) => this.end(error));
  }

  /**
   * Ends the call before its body ends. Lines in flight still get their outcomes, and the last line
   * of the response says why.
   */
  end(reason: unknown): void {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort(reason);
    this.#queue.end();
  }

  /**
   * Reads every line of the body and writes its outcome to `response`, which it ends. Resolves once
   * every line that was read is settled, also when the caller disconnects.
   */
  async run(response: Writable): Promise<void> {
    response.once('close', () => this.end(DISCONNECTED));
    void this.#readLines();
    for (let known = await this.#queue.next(); known; known = await this.#queue.next()) {
      // The caller continues later. Every further line would wait for the same fault.
      if (known.some(({ settlement }) => settlement === 'unsettled')) this.end(UNAVAILABLE);
      const isStored = await this.#progress.store(known);
      const text = isStored ? known.map((outcome) => outcome.text).join('') : '';
      await write(response, text, this.#parts.idleMs);
    }
    if (response.destroyed) return;
    const { aborted, reason } = this.#ending.signal;
    response.end(aborted ? this.#endOf(reason) : undefined);
  }

  /** Also reads on, without effect, after the call has ended, so that its caller sees the end. */
  async #readLines(): Promise<void> {
    const { body, firstLine } = this.#request;
    try {
      let line = firstLine - 1;
      for await (const content of linesOf(body, this.#parts.idleMs)) {
        line += 1;
        if (!this.#hasEnded()) await this.#take(line, content);
      }
      this.#queue.end();
    } catch (error) {
      this.end(error);
    }
  }

  async #take(line: number, content: SplitLine): Promise<void> {
    const { firstLine, from } = this.#request;
    const { admission, linesMax } = this.#parts;
    if (line - firstLine >= linesMax) throw tooManyLines(linesMax);
    const bytes = content?.length ?? 0;
    await this.#queue.room(bytes);
    const isBlank = content?.every(isSpace) === true;
    if (!isBlank) await admission.admit(from.caller, this.#ending.signal);
    if (this.#hasEnded()) return;
    const outcome = isBlank ? Promise.resolve(blankLine(line)) : this.#settle(line, content);
    this.#queue.add(outcome, bytes);
    if (performance.now() - this.#lastTurn < TURN_MS) return;
    await nextTurn();
    this.#lastTurn = performance.now();
  }

  /** The last line of a response to a call that ended early. */
  #endOf(reason: unknown): string {
    const { idleMs, onFault } = this.#parts;
    const fault = reason instanceof DeadlineExceeded ? stalled(idleMs) : reason;
    if (isFaultOfOurs(fault)) onFault(fault);
    return endOfCall(fault, this.#request.requestId);
  }

  #hasEnded(): boolean {
    return this.#ending.signal.aborted;
  }

  async #settle(line: number, content: SplitLine): Promise<LineOutcome> {
    const { from, requestId } = this.#request;
    const { lines, onFault } = this.#parts;
    const earlierRead = this.#earlierRead;
    const reading = lines.read(content, from);
    // Without their results, which would hold every line so far.
    this.#earlierRead = Promise.allSettled([earlierRead, reading]).then(() => undefined);
    try {
      const body = await reading;
      await earlierRead;
      return acceptedLine(line, await this.#inTurn(body, () => lines.accept(body, from)));
    } catch (error) {
      if (isFaultOfOurs(error)) onFault(error);
      return failedLine(line, error, requestId);
    }
  }

  /** Of lines with one reference, the first one in the body makes the payment. */
  async #inTurn<T>(body: unknown, accept: () => Promise<T>): Promise<T> {
    const reference = referenceIn(body);
    if (reference === undefined) return accept();
    const accepting = (this.#intakes.get(reference) ?? Promise.resolve()).then(accept);
    const ended = accepting.then(
      () => undefined,
      () => undefined,
    );
    this.#intakes.set(reference, ended);
    try {
      return await accepting;
    } finally {
      if (this.#intakes.get(reference) === ended) this.#intakes.delete(reference);
    }
  }
}

/** Writes to a caller, at the caller's pace. A caller that stops reading is disconnected. */
async function write(response: Writable, text: string, withinMs: number): Promise<void> {
  if (text === '' || response.destroyed || response.write(text)) return;
  const isRead = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), withinMs);
    const finish = () => {
      clearTimeout(timer);
      response.off('drain', finish).off('close', finish);
      resolve(true);
    };
    response.on('drain', finish).on('close', finish);
  });
  if (!isRead) response.destroy();
}

function referenceIn(body: unknown): string | undefined {
  const isObject = typeof body === 'object' && body !== null;
  const reference: unknown = isObject && 'reference' in body ? body.reference : undefined;
  return typeof reference === 'string' ? reference : undefined;
}

const SPACE = 0x20;
const TAB = 0x09;

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

const UNAVAILABLE = new Unavailable(
  'unavailable',
  'Temporarily unavailable. Continue the batch with the first line that has no outcome or a 503.',
);
/** Never stated, because the response is gone too. */
const DISCONNECTED = new Unavailable('unavailable', 'The caller has disconnected.');

function stalled(idleMs: number): InvalidRequest {
  const detail = `No line ended within ${idleMs / 1_000} seconds.`;
  return new InvalidRequest('request_timeout', detail, { status: 408 });
}

function tooManyLines(most: number): InvalidRequest {
  const detail = `A call has at most ${most} lines. Continue the batch in another call.`;
  return new InvalidRequest('payload_too_large', detail, { status: 413 });
}
