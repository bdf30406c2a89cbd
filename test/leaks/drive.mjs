// Sends cards down every path there is, and keeps every answer. What the answers say is looked at elsewhere; here it counts that
// the paths were walked.
import { strayCallbacks } from './callbacks.mjs';
import { crashes, outages } from './crashes.mjs';
import { deadJobs } from './dead-jobs.mjs';
import { gatewayWords } from './gateway-words.mjs';
import { mistakes, refundMistakes } from './mistakes.mjs';
import { operatorLooks } from './operator.mjs';
import { sealedAndRefunded, sealedMistakes, sealedRubbish } from './sealed-cards.mjs';
import { strangeJobs } from './strange-jobs.mjs';
import { Witness } from './witness.mjs';

/**
 * @param {import('../chaos/stack/chaos-stack.ts').ChaosStack} stack
 * @returns {Promise<import('./drive.mjs').Walked>}
 */
export async function drive(stack, { taken, refused, sealed, published }) {
  const witness = new Witness(stack);
  // First, because afterwards the append-only file is rewritten.
  const strange = await strangeJobs(witness, published);
  // Side by side: most of their time is waiting. What takes processes away comes after.
  const [statuses, refunds, rubbish, dead, called, refusals] = await Promise.all([
    gatewayWords(witness, taken),
    sealedAndRefunded(witness, sealed),
    sealedRubbish(witness, sealed),
    deadJobs(witness, sealed),
    strayCallbacks(witness, taken),
    refusalsOf(witness, { refused, sealed, taken }),
  ]);
  const [operator] = await Promise.all([
    operatorLooks(witness, taken),
    crashes(witness, { taken, sealed }),
  ]);
  await outages(witness, taken);
  const { answers } = witness;
  return { answers, strange, statuses, refunds, rubbish, dead, called, refusals, operator };
}

async function refusalsOf(witness, { refused, sealed, taken }) {
  return {
    payments: await mistakes(witness, refused),
    sealed: await sealedMistakes(witness, sealed),
    refunds: await refundMistakes(witness, taken),
  };
}
