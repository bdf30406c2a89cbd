// A place in a merchant's list of events, as an opaque text.
import type { EventPosition } from '@quittance/persistence';

/** Before the first event. */
export const LIST_START: EventPosition = { tx: '0', paymentId: '', sequence: 0 };

const FORM = /^(\d{1,19})\.(|pi_[0-9a-z]{26})\.(\d{1,9})$/;

export function cursorOf({ tx, paymentId, sequence }: EventPosition): string {
  return Buffer.from(`${tx}.${paymentId}.${sequence}`).toString('base64url');
}

/** `undefined` for a text that is no cursor. */
export function positionAt(cursor: string): EventPosition | undefined {
  const match = FORM.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) return undefined;
  const [, tx = '', paymentId = '', sequence = ''] = match;
  return { tx, paymentId, sequence: Number(sequence) };
}
