// The last look before the first byte, the same for a payment and a refund: a process that was held up after taking its fence reads
// it again, because meanwhile others may have swept what it was about to send.
import type { Exchange } from '@quittance/gateway';
import type { SendWindow } from './send-window.js';

/** What the database says of the fence: taken by nobody but the process that wrote this epoch while it is `submitting`. */
interface Fence {
  readonly status: string;
  readonly epoch: number;
}

/**
 * Sends unless the fence has been lost meanwhile, of which only a process that was held up can know nothing. `fenced` is what this
 * process wrote, `reread` reads the same row anew. Resolves with `notSent` and `fence_lost` or `fence_unreadable` when nothing
 * was sent for that; else with what `send` says. `send` has to ask `window.mayStart` in the turn that writes the first byte.
 */
export async function sendFenced(
  fenced: { readonly epoch: number },
  window: SendWindow,
  reread: () => Promise<Fence | undefined>,
  send: () => Promise<Exchange>,
): Promise<Exchange> {
  if (!window.isFresh()) {
    const reason = await whyNotToSend(fenced.epoch, reread);
    if (reason !== undefined) return { kind: 'notSent', reason };
  }
  return send();
}

/** Not being able to read the fence is a reason too: nothing has left yet, so that a later try costs nothing. */
async function whyNotToSend(
  epoch: number,
  reread: () => Promise<Fence | undefined>,
): Promise<'fence_lost' | 'fence_unreadable' | undefined> {
  try {
    const now = await reread();
    return now?.status === 'submitting' && now.epoch === epoch ? undefined : 'fence_lost';
  } catch {
    return 'fence_unreadable';
  }
}
