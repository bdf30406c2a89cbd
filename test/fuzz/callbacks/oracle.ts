// Judges callbacks by their answers, by the rows that they leave, and by what became of the
// payments: only what the gateway's ledger says.
import { textOfBytes } from '@quittance/gateway-protocol';
import { createHash } from 'node:crypto';
import { Oracle } from '../../chaos/oracle.js';
import type { ChaosStack } from '../../chaos/stack/chaos-stack.js';
import { inParallel } from '../../chaos/waiting.js';
import type { Secrets } from '../oracles/secrets.js';
import type { Callback, Subject } from './arbitraries.js';
import { ENDS, OPEN_CODE, OPEN_STATUSES } from './subjects.js';

const SHOWN = 14;
const IN_FLIGHT = 8;
const CONVERGES_WITHIN_MS = 60_000;
const ON_THE_WAY = ['queued', 'submitting', ...OPEN_STATUSES];
const RECEIVED = '{"received":true}';
/** Answers to addresses and bodies that the server refuses before it looks at the token. */
const TRANSPORT = new Set([400, 404, 413, 414]);
/** The server may hang up while a body that is too large is still on its way. */
const HUNG_UP = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

export type CallbackAnswer = { status?: number; text?: string; error?: string };

/** The faults of the answer to a callback: every sender gets the same one. */
export function answerProblems(
  { isRight, isTooLarge }: Pick<Callback, 'isRight' | 'isTooLarge'>,
  { status = 0, text = '', error }: CallbackAnswer,
): string[] {
  if (error !== undefined) return isTooLarge && HUNG_UP.has(error) ? [] : [`no answer: ${error}`];
  const isRefusal = !isRight && TRANSPORT.has(status);
  if (isTooLarge)
    return status === 413 || isRefusal ? [] : [`${status} to a body that is too large`];
  if (status === 200) return text === RECEIVED ? [] : [`200 with ${text.slice(0, 100)}`];
  return isRefusal ? [] : [`status ${status}`];
}

/**
 * The name of a callback's row: its payment, and the digest of its body as text, which the webhook
 * app reads by the byte order mark and the charset. A content type that is none is ignored.
 */
export function rowName({ subjectId, contentType = '', body }: Callback): string {
  const isType = /^\s*[^\s/;,]+\/[^\s/;,]+\s*(;|$)/.test(contentType);
  const text = textOfBytes(body, isType ? contentType : undefined);
  return `${subjectId} ${createHash('sha256').update(text).digest('hex')}`;
}

/** Rows that no sender with a right token was answered "received" for, and the reverse. */
export function storageProblems(
  stored: ReadonlySet<string>,
  received: ReadonlySet<string>,
): string[] {
  const stray = [...stored].filter((name) => !received.has(name));
  const lost = [...received].filter((name) => !stored.has(name));
  return [
    ...stray.map((name) => `${name} was stored, but did not come with the right token`),
    ...lost.map((name) => `${name} was answered "received", but was not stored`),
  ].slice(0, SHOWN);
}

/** The faults of a payment's statuses, in their order, when the gateway's code is `code`. */
export function transitionProblems(code: string, statuses: readonly string[]): string[] {
  const end = ENDS[code];
  const stray = statuses.filter((status) => status !== end && !ON_THE_WAY.includes(status));
  const last = statuses.at(-1) ?? 'missing';
  const isThere = code === OPEN_CODE ? OPEN_STATUSES.includes(last) : last === end;
  return [
    ...stray.map((status) => `was ${status}, which the gateway never said`),
    ...(isThere ? [] : [`is ${last}, but the gateway says ${end ?? 'it is open'}`]),
  ];
}

/** Waits until the payments have come to their ends; then what is wrong with them, by reference. */
export async function endProblems(
  stack: ChaosStack,
  subjects: readonly Subject[],
): Promise<Map<string, readonly string[]>> {
  const oracle = new Oracle(stack.urls);
  const perSubject = await inParallel(subjects, IN_FLIGHT, async ({ id, reference, code }) => {
    const verdict = await oracle.verdict(reference, CONVERGES_WITHIN_MS, ENDS[code]);
    const rows = await stack.query<{ status: string }>(
      'SELECT status::text FROM payment_events WHERE payment_id = $1 ORDER BY sequence',
      [id],
    );
    const statuses = rows.map(({ status }) => status);
    return [id, [...verdict.problems, ...transitionProblems(code, statuses)]] as const;
  });
  return new Map(perSubject.filter(([, problems]) => problems.length > 0));
}

/** A stored callback; its name is that of {@link rowName}. */
export type CallbackRow = {
  readonly name: string;
  readonly verdict: string;
  readonly fields: string;
};

/** Rows of callbacks that moved a payment to a wrong status, or that have a secret in them. */
export function blamedCallbacks(
  rows: readonly CallbackRow[],
  moved: ReadonlyMap<string, unknown>,
  secrets: Secrets,
): CallbackRow[] {
  const isToBlame = ({ name, verdict, fields }: CallbackRow) =>
    (verdict === 'awaiting_inquiry' && moved.has(name.split(' ')[0] ?? '')) ||
    secrets.problemsIn('', fields).length > 0;
  return rows.filter(isToBlame).slice(0, SHOWN);
}
