// Everything that has to be opened to build the gateway's request: the card, the terminal's key, the callback address.
import { readCallerCard } from '@quittance/cards';
import type { WireRequest } from '@quittance/gateway-protocol';
import type { CardRefusal } from '@quittance/payments';
import type { Terminal } from '@quittance/persistence';
import type { Clock } from '@quittance/platform';
import {
  type Card,
  callbackToken,
  type KeySet,
  openStoredCard,
  resealCard,
} from '@quittance/vault';
import type { TerminalKeys } from '../terminal-keys.js';
import { createCall } from './create-call.js';
import type { Unsent } from './unsent.js';

/** A request ready to be sent, and what goes with it. */
export interface BuiltRequest {
  readonly wire: WireRequest;
  /** The key that the token in the callback address was made with. */
  readonly callbackKid: string;
  /** What to store again if it provably never left: sealed to the key that is active now. */
  readonly sealedCard: string | null;
}

export class BuildRequest {
  constructor(
    private readonly terminalKeys: TerminalKeys,
    private readonly keys: KeySet,
    private readonly clock: Clock,
    private readonly callbackUrl: string,
  ) {}

  /**
   * The request, or why the card that the caller sealed can never be sent. Throws VaultError when something does not open here
   * that may open elsewhere or later.
   */
  async build(
    { payment, sealedCard }: Unsent,
    terminal: Terminal,
  ): Promise<BuiltRequest | CardRefusal> {
    const card = sealedCard === null ? null : await this.#open(sealedCard, payment.id, terminal);
    if (typeof card === 'string') return card;
    const { kid, token } = callbackToken(payment.id, this.keys);
    const wire = createCall(payment, card, {
      terminal: await this.terminalKeys.open(terminal),
      webhookUrl: `${this.callbackUrl}/callbacks/${payment.id}.${token}`,
    });
    const context = { paymentId: payment.id, keys: this.keys };
    const resealed = sealedCard === null ? null : await resealCard(sealedCard, context);
    return { wire, callbackKid: kid, sealedCard: resealed };
  }

  #open(stored: string, paymentId: string, { mode }: Terminal): Promise<Card | CardRefusal> {
    return openStoredCard(stored, {
      paymentId,
      keys: this.keys,
      readCallerCard: (value) => readCallerCard(value, { now: this.clock.now(), mode }),
    });
  }
}
