// Everything that a call can fail with, as one union that `code` discriminates.
import type { components } from './api.js';

type ProblemBody = components['schemas']['Problem'];

/** The problem codes of the API (`docs/api.md`, Errors). */
export type ProblemCode = ProblemBody['code'];

/** One fault of a request. Holds no value that was sent. */
export type FaultEntry = NonNullable<ProblemBody['errors']>[number];

type CodeWithFaults =
  'validation_failed' | 'reference_conflict' | 'idempotency_key_reused' | 'events_ended';

/** The API's answer to a request that failed: RFC 9457. */
export class ProblemError<Code extends ProblemCode = ProblemCode> extends Error {
  override readonly name = 'ProblemError';
  readonly code: Code;
  /** The HTTP status. */
  readonly status: number;
  readonly title: string;
  /** For a person. */
  readonly detail: string;
  /** Quote it when you report a problem. */
  readonly requestId: string;
  /** Every fault at once. */
  readonly errors: Code extends CodeWithFaults ? readonly FaultEntry[] : undefined;
  /** The cursor that continues with the events that are left. */
  readonly next: Code extends 'events_ended' ? string : undefined;

  constructor(problem: ProblemBody & { readonly code: Code }) {
    super(`${problem.code}: ${problem.detail}`);
    this.code = problem.code;
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail;
    this.requestId = problem.request_id;
    this.errors = problem.errors as typeof this.errors;
    this.next = problem.next as typeof this.next;
  }
}

/**
 * No answer that can be read, after all retries. The request may have been carried out: repeat it
 * with the same reference, or read the payment.
 */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly code = 'no_answer';
  /** The HTTP status of an answer that could not be read, for example a proxy's. */
  readonly status: number | undefined;

  constructor(message: string, options: { status?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.status = options.status;
  }
}

/**
 * The query of a request to `return_url` proves nothing: it was made up, or is too old. Read the
 * payment instead.
 */
export class InvalidReturnError extends Error {
  override readonly name = 'InvalidReturnError';
  readonly code = 'invalid_return';
}

/** Every error that a call of the client rejects with; narrow it by `code`. */
export type QuittanceError =
  { [Code in ProblemCode]: ProblemError<Code> }[ProblemCode] | NoAnswerError | InvalidReturnError;

/** True for an error of this client, which then narrows by `code`. */
export function isQuittanceError(error: unknown): error is QuittanceError {
  return error instanceof ProblemError || error instanceof NoAnswerError;
}

/** The error of an answer that is not 2xx. Never rejects. */
export async function errorOf(response: Response): Promise<ProblemError | NoAnswerError> {
  const { status } = response;
  const body: unknown = await response.json().catch(() => undefined);
  if (isProblem(body)) return new ProblemError(body);
  return new NoAnswerError(`HTTP ${status} without a problem document`, { status });
}

function isProblem(body: unknown): body is ProblemBody {
  if (typeof body !== 'object' || body === null) return false;
  const { code, detail, status } = body as Record<string, unknown>;
  return typeof code === 'string' && typeof detail === 'string' && typeof status === 'number';
}
