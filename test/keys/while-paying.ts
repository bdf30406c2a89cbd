// Load whose beginning and end do not depend on time: payments of each kind over each terminal before the work, throughout, and after.
import type { PaymentView } from '../support/clients.js';
import { type Checkout, type Kind, KINDS } from './checkout.js';

/** Where the load goes, and how its references begin. */
export interface Load {
  readonly checkout: Checkout;
  readonly name: string;
  readonly terminals: readonly string[];
}

/**
 * Does the work while payments of each kind flow, one of a kind at a time. Each kind has been paid over each terminal before the work
 * begins and is again when it has ended, so that what the work changed was in use on both sides of it. Resolves with the payments, all
 * succeeded; rejects with the first error of the work or of a payment.
 */
export async function whilePaying(
  { checkout, name, terminals }: Load,
  work: () => Promise<unknown>,
): Promise<readonly PaymentView[]> {
  const paid: PaymentView[] = [];
  let count = 0;
  let isOver = false;
  const round = async (kind: Kind): Promise<void> => {
    for (const terminal of terminals) {
      count += 1;
      paid.push(await checkout.pay({ kind, terminal, reference: `${name}-${count}` }));
    }
  };
  const lane = async (kind: Kind): Promise<void> => {
    while (!isOver) await round(kind);
  };
  await Promise.all(KINDS.map(round));
  const working = work().finally(() => (isOver = true));
  await Promise.all([working, ...KINDS.map(lane)]);
  await Promise.all(KINDS.map(round));
  return paid;
}
