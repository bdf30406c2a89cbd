// A merchant's service that was written for the gateway and calls Quittance instead.
import { encryptAes256 } from '@quittance/gateway-protocol';
import { operate } from '../../tools/stack/operator.js';
import type { ChaosStack } from './stack/chaos-stack.js';

/** The access of such a service to the first terminal of a stack. */
export interface GatewayForm {
  readonly publicKey: string;
  /** Encrypts a query string to a value of `encrypted_data`. */
  readonly encrypt: (query: string) => string;
}

/**
 * Lets services on this host use the gateway's form, plain and encrypted.
 * @param callbacksTo the origin of their webhooks
 */
export async function openGatewayForm(
  { setup, terminals }: ChaosStack,
  callbacksTo: string,
): Promise<GatewayForm> {
  const [terminal] = terminals;
  if (terminal === undefined) throw new Error('the stack has no terminal');
  const { name, publicKey, privateKey } = terminal;
  const opting = `--drop-in=both --callers=127.0.0.1,::1 --callbacks-to=${callbacksTo}`;
  const set = ['terminals', 'set', name, '--merchant=demo', `--private-key=${privateKey}`];
  await operate(setup, [[...set, ...opting.split(' ')]]);
  const encrypt = (query: string) => encryptAes256(query, { publicKey, privateKey }) + publicKey;
  return { publicKey, encrypt };
}
