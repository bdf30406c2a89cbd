// Puts together what takes the steps of refunds.
import type { GatewayClient } from '@quittance/gateway';
import type { Refunds, Terminals } from '@quittance/persistence';
import type { Clock, Logger } from '@quittance/platform';
import type { Places } from '../places/places.js';
import { AdvanceRefund } from './advance-refund.js';
import { InquireRefund } from './inquire-refund.js';
import { SubmitRefund } from './submit-refund.js';

export interface RefundStepsParts {
  readonly refunds: Refunds;
  readonly terminals: Terminals;
  readonly gateway: GatewayClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** Longest wait for the gateway's reply to a refund request. */
  readonly timeoutMs: number;
  readonly places: Places;
}

/** `advancing` takes a refund's own steps; `inquiring` also those of a payment that has a refund. */
export function refundSteps({
  refunds,
  terminals,
  gateway,
  clock,
  log,
  timeoutMs,
  places,
}: RefundStepsParts): { readonly advancing: AdvanceRefund; readonly inquiring: InquireRefund } {
  const inquiring = new InquireRefund(refunds, gateway, clock);
  const submission = new SubmitRefund(refunds, terminals, gateway, clock, log, { timeoutMs });
  const advancing = new AdvanceRefund(refunds, terminals, submission, inquiring, clock, {
    timeoutMs,
    places,
  });
  return { advancing, inquiring };
}
