// Which callbacks are as good as real: who has the address, and for an encrypted one the key, and says nothing that differs from the
// record but the outcome, is the gateway as far as anybody can tell. Those are sent with a wrong token instead, where they must do nothing.
import { readGenerously } from './wire.mjs';

/** A plain one of these is not believed but asked about, so that it may come with the right token too. */
const CONFIRMED_FIRST = new Set(['1', '9', '25']);

const textOf = (value) => (typeof value === 'string' ? value : JSON.stringify(value ?? '')).trim();
const isGiven = (value) =>
  value !== undefined && value !== null && value !== '' && value !== 'null';
const isSame = (value, own) => !isGiven(value) || textOf(value) === own;
const isSameAmount = (value, own) => !isGiven(value) || Number(value) === Number(own);

/**
 * Whether a body could rightly move the payment to where the gateway never put it.
 * @param {Buffer} body
 * @param {import('./subjects.mjs').Subject} subject
 */
export function isAsGoodAsReal(body, { terminal, transId, reference, amount, currency, code }) {
  const { isEncrypted, fields } = readGenerously(body, terminal);
  const said = textOf(fields.order_status);
  if (!/^-?\d+$/.test(said) || said === code) return false;
  if (!isEncrypted && CONFIRMED_FIRST.has(said)) return false;
  return (
    isSame(fields.transID, transId) &&
    isSame(fields.reference, reference) &&
    isSame(fields.bill_currency, currency) &&
    isSameAmount(fields.bill_amt, amount)
  );
}
