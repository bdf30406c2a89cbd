// Processes that die, and servers that are away, while cards are under way.
import { sealedRequest } from './sealed-cards.mjs';

/** Steps at which the worker dies with a card in its memory. */
const CRASH_POINTS = [
  'submission.before-fence',
  'submission.before-first-byte',
  'submission.after-reply',
];

/** The worker dies at each step at which it holds the card in clear, and is started anew. */
export async function crashes(witness, { taken, sealed }) {
  const { stack } = witness;
  await stack.process('worker').kill();
  for (const [at, point] of CRASH_POINTS.entries()) {
    // It may die at once, by a payment that the one before it has left.
    const worker = await stack.launchArmed('worker', { QUITTANCE_CRASH_AT: point });
    const body = await sealedRequest(witness, `crash-${at}-sealed`, sealed);
    await Promise.all([
      witness.create(`crash-${at}-x`, taken),
      witness.ask('POST', '/v1/payment-intents', { body }),
    ]);
    await worker.exited;
  }
  await stack.launch('worker');
}

/**
 * Callbacks arrive while Postgres is away and are kept in Redis, private key and all; events wait for an order domain that is down.
 */
export async function outages(witness, card) {
  const { stack, sandbox } = witness;
  const reference = 'outage-x';
  await sandbox.acquirer({ match: { reference }, reply: '0', times: 1 });
  await stack.process('orders').stop();
  await witness.create(reference, card);
  await witness.settled(reference);
  const [{ transID }] = (await sandbox.ledger(reference)).data;
  const { postgres } = stack.servers;
  await postgres.stop();
  await sandbox.settle(transID, '1');
  await witness.create('away-x', card);
  await postgres.startAgain();
  await witness.settled(reference, 'succeeded');
  await stack.launch('orders');
}
