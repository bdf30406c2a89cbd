// The ends that a person can give a payment in doubt, as words of the command line.
import {
  type PaymentStatus,
  resolvableStatuses,
  statusFromWire,
  statusToWire,
} from '@quittance/payments';
import { InvalidArgumentError } from 'commander';

/** All of them, for help and errors. */
export const resolvableWords = () => resolvableStatuses.map(statusToWire).join(', ');

/** Reads `--as`. Throws commander's InvalidArgumentError. */
export function parseResolvable(text: string): PaymentStatus {
  const status = statusFromWire(text);
  if (status && (resolvableStatuses as readonly PaymentStatus[]).includes(status)) return status;
  throw new InvalidArgumentError(
    `Only an end can be given: ${resolvableWords()}. What the gateway still holds will be heard of, and nothing is sent again.`,
  );
}
