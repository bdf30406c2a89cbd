// Builds `authdata`: the payer's next action, as the acquirer requires it (protocol §4.3).
import { javaDoubleText } from '@quittance/gateway-protocol';
import type { Behaviour } from '../generation/generation.js';
import type { Transaction } from './transaction.js';
import { awaitsPayer, payAddress } from './auth-url.js';

export interface AuthData {
  readonly transID: string;
  readonly action: 'redirect';
  readonly payamt: number;
  readonly paycurrency: string | null;
  readonly paytitle: string | null;
  readonly payaddress: string;
  readonly authdata: Readonly<Record<string, never>>;
}

/** Returns the payer's next action; undefined when there is none. */
export function authDataOf(transaction: Transaction): AuthData | undefined {
  if (!awaitsPayer(transaction)) return undefined;
  return {
    transID: transaction.transId,
    action: 'redirect',
    payamt: transaction.amount,
    paycurrency: transaction.currency,
    paytitle: transaction.productName,
    payaddress: payAddress(transaction),
    authdata: {},
  };
}

/**
 * Returns the padded standard base64 of the JSON, or the literal text "null". The older server
 * writes the id as a bare number.
 */
export function encodedAuthData(transaction: Transaction, behaviour: Behaviour): string {
  const data = authDataOf(transaction);
  if (!data) return 'null';
  const json = JSON.stringify(data).replace(
    /"payamt":[^,]*/,
    () => `"payamt":${javaDoubleText(data.payamt)}`,
  );
  const written =
    behaviour.createAuthData === 'base64'
      ? json.replace(/^\{"transID":"(\d+)"/, '{"transID":$1')
      : json;
  return Buffer.from(written, 'utf8').toString('base64');
}
