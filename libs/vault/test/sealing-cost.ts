// The cost of encrypting and decrypting a card: `npx tsx libs/vault/test/sealing-cost.ts [cards]`
// prints the microseconds of CPU for one card, with an agreement for each card and with sessions,
// alternating.
import {
  CardSecret,
  generateKeySets,
  openCard,
  parseKeySet,
  sealCard,
  SealingSession,
} from '../src/index.js';

const CARDS = Number(process.argv[2] ?? 5_000);
const ROUNDS = 5;
const keys = parseKeySet(JSON.stringify(generateKeySets().worker));
const card = {
  number: new CardSecret('4012000033330026'),
  cvv: new CardSecret('123'),
  expMonth: '01',
  expYear: '30',
};
const ids = Array.from({ length: CARDS }, (_, n) => `pi_${n}`);
const ways = { 'an agreement for each card': undefined, sessions: new SealingSession() };

/** Resolves with the microseconds of CPU for each of the tasks, and with their results. */
async function cost<T>(tasks: readonly (() => Promise<T>)[]) {
  const before = process.cpuUsage();
  const results: T[] = [];
  for (const task of tasks) results.push(await task());
  const { user, system } = process.cpuUsage(before);
  return { us: (user + system) / tasks.length, results };
}

const figures: Record<string, { seal: number; open: number }> = {};
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, session] of Object.entries(ways)) {
    const seals = ids.map((paymentId) => () => sealCard(card, { paymentId, keys, session }));
    const sealed = await cost(seals);
    const opens = sealed.results.map(
      (jwe, n) => () => openCard(jwe, { paymentId: ids[n] ?? '', keys }),
    );
    const opened = await cost(opens);
    const best = figures[name] ?? { seal: Infinity, open: Infinity };
    figures[name] = {
      seal: Math.min(best.seal, Math.round(sealed.us)),
      open: Math.min(best.open, Math.round(opened.us)),
    };
  }
}
console.table(figures);
