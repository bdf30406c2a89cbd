// Finds everything that still needs a key. Nothing is guessed: an object that does not name its key
// counts as needing every key of its kind.
import { KeyHolders, KeyNeeds, SealedValues } from '@quittance/persistence';
import { type KeyPurpose, sealedKids } from '@quittance/vault';
import { durationText } from '../command/times.js';
import type { Operator } from '../command/operator.js';
import { withRedis } from '../command/redis.js';

/**
 * The time after a key's last activity until no work with it can still arrive: callers may cache
 * `/.well-known/jwks.json` for five minutes, and a request, a submission or a job that started with
 * the old key ends long before that.
 */
export const SETTLES_AFTER_MS = 600_000;

const CARDS_READ = 1_000;

/** A key, named by its list and its kid. */
export interface NamedKey {
  readonly purpose: KeyPurpose;
  readonly kid: string;
  /** True when the key was never active: it is prepared in every file that has it. */
  readonly isUnused: boolean;
}

/** Returns descriptions with counts; empty when nothing needs the key. */
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
  if (purpose === 'dropInSecrets') needs.push(...(await needsOfTerminals(operator, kid)));
  if (purpose === 'callbackTokens') needs.push(...(await needsOfPayments(operator, kid)));
  return needs;
}

async function needsOfProcesses({ pool }: Operator, purpose: KeyPurpose, kid: string) {
  const holders = new KeyHolders(pool);
  const using = (await holders.list()).filter(({ keys }) => keys[purpose][0] === kid);
  const unusedMs = await holders.unusedMs(purpose, kid);
  const leftMs = unusedMs === undefined ? 0 : SETTLES_AFTER_MS - unusedMs;
  return [
    ...counted(using.length, 'running processes whose active key it is'),
    ...(using.length === 0 && leftMs > 0
      ? [
          `work that was begun with it while it was active: wait ${durationText(Math.ceil(leftMs / 1_000) * 1_000)} more`,
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
  return counted(count, 'stored cards; workers re-encrypt or send them');
}

async function needsOfTerminals({ pool }: Operator, kid: string): Promise<string[]> {
  const secrets = await new SealedValues(pool).terminalSecrets();
  const count = secrets.filter(({ sealed }) => sealedKids(sealed).includes(kid)).length;
  return counted(count, 'private keys of terminals; workers re-encrypt them');
}

async function needsOfPayments(operator: Operator, kid: string): Promise<string[]> {
  const { pool, callbackGraceMs } = operator;
  const { open, late, unknown } = await new KeyNeeds(pool).payments(kid, callbackGraceMs);
  const grace = `changed within ${durationText(callbackGraceMs)}, which may still get a late callback`;
  return [
    ...counted(open, 'open payments whose callback address was made with it'),
    ...counted(late, `ended payments ${grace}`),
    ...counted(unknown, `payments with an unknown callback key, open or ${grace}`),
  ];
}

/** Returns the callbacks that are buffered in Redis, and those that were set aside there. */
async function needsOfBufferedCallbacks(operator: Operator, kid: string): Promise<string[]> {
  const { bufferedCallbackKeys } = await import('@quittance/queues');
  const counts = { waiting: 0, aside: 0 };
  await withRedis(operator.queues, async ({ connection, prefix }) => {
    const count = async (key: string) => {
      const texts: string[] = await connection.lrange(key, 0, -1);
      return texts.filter((text) => bufferedKids(text).includes(kid)).length;
    };
    const keys = bufferedCallbackKeys(connection, prefix);
    counts.waiting = await count(keys.waiting);
    counts.aside = await count(keys.aside);
  });
  return [
    ...counted(counts.waiting, 'callbacks buffered in Redis until Postgres is available'),
    ...counted(
      counts.aside,
      'callbacks set aside in Redis (docs/operations.md, "Callbacks set aside")',
    ),
  ];
}

/**
 * Returns the kids of a buffered callback; none for a text that is not one and that no key
 * decrypts.
 */
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
