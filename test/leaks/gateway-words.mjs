// Payments in every protocol and callback mode with every word of the acquirer, and with every fault of the gateway.
import { LIES } from '../chaos/gateway-lies/lies.mjs';
import { inParallel } from '../chaos/waiting.ts';
import { TERMINALS } from './witness.mjs';

const UNDER_WAY = 8;
const SETTLES_MS = 50;
/** The acquirer's words, and where each leads. */
const ENDS = {
  1: 'succeeded',
  2: 'declined',
  22: 'expired',
  0: 'requires_action',
};

/** Pending in the reply, this word by a callback soon after. */
export const settlesAs = (code) => ({
  reply: '0',
  settle: { order_status: code, after_ms: SETTLES_MS },
  times: 1,
});

/** Resolves with the statuses seen. */
export function gatewayWords(witness, card) {
  const honest = TERMINALS.flatMap((terminal) =>
    Object.entries(ENDS).map(([code, ends]) => ({ terminal, code, ends })),
  );
  const faults = LIES.filter(({ watchedForMs = 0 }) => watchedForMs === 0);
  return inParallel([...honest, ...faults], UNDER_WAY, async (step, at) => {
    const reference = `leak-${at}-x`;
    const { terminal = 'main', code, ends, scripts = [] } = step;
    const said = code ? [{ acquirer: settlesAs(code) }, ...scripts] : scripts;
    for (const { fault, acquirer } of said) {
      if (acquirer) await witness.sandbox.acquirer({ match: { reference }, ...acquirer });
      if (fault) await witness.sandbox.fault({ match: { reference }, ...fault });
    }
    await witness.create(reference, card, { terminal }, { prefer: 'wait=2' });
    return witness.settled(reference, code && ends);
  });
}
