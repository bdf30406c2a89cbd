// What still needs a key. Nothing is guessed: what does not say which key it needs counts as
// needing any of its kind.
import { KeyHolders, KeyNeeds, SealedValues } from '@quittance/persistence';
import { type KeyPurpose, sealedKids } from '@quittance/vault';
import { durationText } from '../command/times.js';
import { withQueues } from '../events/queues.js';
import type { Operator } from '../command/operator.js';

/**
 * From when a key was last active to when nothing begun with it can still come: callers may hold
 * `/.well-known/jwks.json` for five minutes, and a request, a submission or a job that began with
 * the old key is over long before that.
 */
export const SETTLES_AFTER_MS = 600_000;

const CARDS_READ = 1_000;

/** A key by its list and its kid. */
export interface NamedKey {
  readonly purpose: KeyPurpose;
  readonly kid: string;
  /** Whether it never was active: prepared in every file that has it. */
  readonly isUnused: boolean;
}

/** Sentences, each with a number; empty when nothing needs the key. */
export async function needsOf(
  operator: Operator,
  { purpose, kid, isUnused }: NamedKey,
): Promise<string[]> {
  const needs = await needsOfProcesses(operator, purpose, kid);
  if (isUnused) return needs;
  if (purpose === 'cards') needs.push(...(await needsOfCards(operator, kid)));
  if (purpose === 'terminalSecrets') {
    needs.push(
      ...(await needsOfTerminals(operator, kid)),
      ...(await needsOfBufferedCallbacks(operator, kid)),
    );
  }
  if (purpose === 'callbackTokens') needs.push(...(await needsOfPayments(operator, kid)));
  return needs;
}

async function needsOfProcesses({ pool }: Operator, purpose: KeyPurpose, kid: string) {
  const holders = new KeyHolders(pool);
  const using = (await holders.list()).filter(({ keys }) => keys[purpose][0] === kid);
  const unusedMs = await holders.unusedMs(purpose, kid);
  const leftMs = unusedMs === undefined ? 0 : SETTLES_AFTER_MS - unusedMs;
  return [
    ...counted(using.length, 'running processes that make things with it'),
    ...(using.length === 0 && leftMs > 0
      ? [
          `what was begun with it while it was active: wait ${durationText(Math.ceil(leftMs / 1_000) * 1_000)} more`,
        ]
      : []),
  ];
}

async function needsOfCards({ pool }: Operator, kid: string): Promise<string[]> {
  const stored = new SealedValues(pool);
  let count = 0;
  let batch = await stored.cards(undefined, CARDS_READ);
  while (batch.length > 0) {
    count += batch.filter(({ sealed }) => sealedKids(sealed).includes(kid)).length;
    batch = batch.length < CARDS_READ ? [] : await stored.cards(batch.at(-1), CARDS_READ);
  }
  return counted(count, 'stored cards; workers seal them anew, or send them');
}

async function needsOfTerminals({ pool }: Operator, kid: string): Promise<string[]> {
  const secrets = await new SealedValues(pool).terminalSecrets();
  const count = secrets.filter(({ sealed }) => sealedKids(sealed).includes(kid)).length;
  return counted(count, 'private keys of terminals; workers seal them anew');
}

async function needsOfPayments(operator: Operator, kid: string): Promise<string[]> {
  const { pool, callbackGraceMs } = operator;
  const { open, late, unknown } = await new KeyNeeds(pool).payments(kid, callbackGraceMs);
  const grace = `changed within ${durationText(callbackGraceMs)}, which may still get a late callback`;
  return [
    ...counted(open, 'open payments whose callback address was made with it'),
    ...counted(late, `ended payments ${grace}`),
    ...counted(
      unknown,
      `payments that do not say which key theirs was made with, open or ${grace}`,
    ),
  ];
}

/** Callbacks that wait in Redis, and those set aside there. */
async function needsOfBufferedCallbacks(operator: Operator, kid: string): Promise<string[]> {
  const counts = { waiting: 0, aside: 0 };
  await withQueues(operator, async ({ connection, prefix }) => {
    const count = async (key: string) => {
      const texts: string[] = await connection.lrange(key, 0, -1);
      return texts.filter((text) => bufferedKids(text).includes(kid)).length;
    };
    counts.waiting = await count(`${prefix}-callbacks-kept`);
    counts.aside = await count(`${prefix}-callbacks-kept-set-aside`);
  });
  return [
    ...counted(counts.waiting, 'callbacks kept in Redis until Postgres is back'),
    ...counted(
      counts.aside,
      'callbacks set aside in Redis (docs/operations.md, "Callbacks set aside")',
    ),
  ];
}

/** The kids of a kept callback; none for what is no kept callback and opens with no key. */
function bufferedKids(text: string): string[] {
  try {
    return sealedKids(String((JSON.parse(text) as { sealed?: unknown }).sealed));
  } catch {
    return [];
  }
}

function counted(count: number, what: string): string[] {
  return count === 0 ? [] : [`${count} ${what}`];
}
