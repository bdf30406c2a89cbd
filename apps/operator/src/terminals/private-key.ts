// Reads the private key that an operator gives for a terminal.
import { OperatorError } from '@quittance/operations';
import type { Operator } from '../command/operator.js';

const STDIN = '-';

/**
 * Returns the key: the option's, stdin's for `-`, otherwise that of TERMINAL_PRIVATE_KEY. Throws
 * {@link OperatorError} without one.
 */
export async function privateKeyOf(
  { stdin, terminalKey }: Operator,
  privateKey = terminalKey?.reveal(),
): Promise<string> {
  if (privateKey === undefined) {
    throw new OperatorError('Give the private key with --private-key or TERMINAL_PRIVATE_KEY.');
  }
  const key = privateKey === STDIN ? (await stdin()).trim() : privateKey;
  if (/^[\x21-\x7e]{1,512}$/.test(key)) return key;
  throw new OperatorError('The private key must be one word of printable characters.');
}
