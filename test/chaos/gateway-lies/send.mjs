// Sends one payment to a gateway that has been told how to lie about it, and follows it to its end.
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../waiting.ts';

const REACHES_GATEWAY_WITHIN_MS = 60_000;
const CONVERGES_WITHIN_MS = 90_000;

async function script({ scripts }, reference, sandbox) {
  for (const { fault, acquirer } of scripts) {
    if (acquirer) await sandbox.acquirer({ match: { reference }, ...acquirer });
    if (fault) await sandbox.fault({ match: { reference }, ...fault });
  }
}

/** The acquirer's second word, once the gateway has the payment. */
async function settleAgain({ secondWord }, reference, { sandbox }) {
  if (!secondWord) return;
  const look = async () => (await sandbox.ledger(reference)).data[0]?.transID;
  const options = { what: `${reference} at the gateway`, limitMs: REACHES_GATEWAY_WITHIN_MS };
  const transID = await until(look, options);
  await pause(secondWord.afterMs);
  await sandbox.settle(transID, secondWord.orderStatus);
}

/**
 * @param {import('./lies.mjs').Lie | undefined} lie none for an honest gateway
 * @param {string} reference
 * @param {{ caller: object, oracle: object, sandbox: object }} parts
 */
export async function sendAndFollow(lie, reference, { caller, oracle, sandbox }) {
  if (lie) await script(lie, reference, sandbox);
  await caller.accept(reference, { limitMs: 120_000 });
  if (lie) await settleAgain(lie, reference, { sandbox });
  if (lie?.watchedForMs) await pause(lie.watchedForMs);
  const verdict = await oracle.verdict(reference, CONVERGES_WITHIN_MS, lie?.ends ?? 'succeeded');
  // Where it was on its way to is a guess: a connection that was cut may have kept it from the gateway altogether.
  const final = verdict.problems.length === 0 ? verdict : await oracle.verdict(reference, 0);
  return { lie: lie?.name ?? 'none', ...final };
}
