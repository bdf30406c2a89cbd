// The statuses' names outside: in the public contract and in the database.
import type { PaymentStatus } from './status.js';
import { paymentStatuses } from './status.js';

/** `requiresAction` → `requires_action`, the form of the public contract and the database. */
export function statusToWire(status: PaymentStatus): string {
  return WIRE[status];
}

/** `requires_action` → `requiresAction`; `undefined` for anything else. */
export function statusFromWire(text: string): PaymentStatus | undefined {
  return FROM_WIRE.get(text);
}

const snake = (text: string) => text.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const WIRE = Object.fromEntries(paymentStatuses.map((status) => [status, snake(status)])) as Record<
  PaymentStatus,
  string
>;
const FROM_WIRE = new Map(paymentStatuses.map((status) => [WIRE[status], status]));
