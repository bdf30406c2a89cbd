// Judges callbacks by their answers, by the rows that they leave, and by what became of the
// payments: only what the gateway's ledger says.
import { textOfBytes } from '@quittance/gateway-protocol';
import { createHash } from 'node:crypto';
import { Oracle } from '../../chaos/oracle.js';
import type { ChaosStack } from '../../chaos/stack/chaos-stack.js';
import { inParallel } from '../../chaos/waiting.js';
import type { Callback } from './arbitraries.js';
import { ENDS, OPEN_STATUSES, type Subject } from './subjects.js';

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

/** The statuses of a payment that the gateway, whose code is `code`, never said. */
export function strayStatuses(code: string, statuses: readonly string[]): string[] {
  const stray = statuses.filter((one) => one !== ENDS[code] && !ON_THE_WAY.includes(one));
  return stray.map((status) => `was ${status}, which the gateway never said`);
}

/** Waits until the payments have come to their ends; then what is wrong with them, by reference. */
export async function endProblems(
  stack: ChaosStack,
  subjects: readonly Subject[],
): Promise<Map<string, readonly string[]>> {
  const oracle = new Oracle(stack.urls);
  const sql = 'SELECT status::text FROM payment_events WHERE payment_id = $1';
  const perSubject = await inParallel(subjects, IN_FLIGHT, async ({ id, reference, code }) => {
    const verdict = await oracle.verdict(reference, CONVERGES_WITHIN_MS, ENDS[code]);
    const rows = await stack.query<{ status: string }>(sql, [id]);
    const stray = strayStatuses(
      code,
      rows.map(({ status }) => status),
    );
    return [id, [...verdict.problems, ...stray]] as const;
  });
  return new Map(perSubject.filter(([, problems]) => problems.length > 0));
}
