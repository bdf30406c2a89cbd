// The check of the gateway's book after the rounds, for all contestants: a rate that came from lost
// or repeated charges would be no rate.
import type { Ledger, SandboxControl } from '../test/chaos/sandbox-control.js';
import { Problem } from '../tools/terminal/problem.mjs';
import { step } from '../tools/terminal/progress.mjs';

/** Questions to the sandbox in flight at once. */
const CONCURRENCY = 16;

/** True if one request that could charge reached the gateway, and it charged one payment. */
export function isChargedOnce({ data, received }: Ledger): boolean {
  const charges = data.filter(({ charged }) => charged);
  const requests = received.filter(({ could_charge }) => could_charge);
  return data.length === 1 && charges.length === 1 && requests.length === 1;
}

/** Throws unless each reference was charged exactly once. */
export const checkCharges = (control: SandboxControl, references: readonly string[]) =>
  step('charges', async (say) => {
    const wrong = await notChargedOnce(control, references);
    if (wrong.length > 0)
      throw new Problem(`${wrong.length} payments were not charged once: ${wrong[0]} …`);
    say(`${references.length} payments, each charged once`);
  });

async function notChargedOnce(control: SandboxControl, references: readonly string[]) {
  const left = [...references];
  const wrong: string[] = [];
  const ask = async () => {
    for (let one = left.pop(); one !== undefined; one = left.pop())
      if (!isChargedOnce(await control.ledger(one))) wrong.push(one);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, ask));
  return wrong;
}
