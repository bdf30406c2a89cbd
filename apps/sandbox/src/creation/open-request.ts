// Runs the first three steps of a create call: read the body, find the terminal, decrypt (protocol
// §1.3). It returns failures instead of rejecting them, because earlier checks take precedence.
import {
  BadEscape,
  decryptAes256,
  GatewayCodecError,
  MalformedBody,
  type Parameters,
  type ParameterSource,
  readDecryptedQuery,
  readParameters,
} from '@quittance/gateway-protocol';
import type { Behaviour } from '../generation/generation.js';
import { keysOf, type Terminal } from '../transactions/terminal.js';
import type { Terminals } from '../transactions/terminals.js';

export interface OpenedRequest {
  /** The parameters sent in clear. The unique-reference check sees only these (§11). */
  readonly outer: Parameters;
  /** The effective parameters; decrypted ones override the outer ones (§2.3). */
  readonly parameters: Parameters;
  readonly terminal: Terminal | undefined;
  /** True when `encrypted_data` was long enough for decryption (§2.2). */
  readonly wasEncrypted: boolean;
  /** The inner reason of error 5001. */
  readonly decryptionFault: string | undefined;
  /** The reason of the catch-all error for an unreadable body. */
  readonly bodyFault: string | undefined;
}

export interface OpenContext {
  readonly terminals: Terminals;
  readonly behaviour: Behaviour;
  /** The length of the public key at the end of `encrypted_data` (§2.2). */
  readonly publicKeyLength: number;
}

export function openRequest(source: ParameterSource, context: OpenContext): OpenedRequest {
  let outer: Parameters;
  try {
    outer = readParameters(source);
  } catch (error) {
    if (!(error instanceof MalformedBody)) throw error;
    return unreadable(error.message);
  }
  const envelope = outer.get('encrypted_data');
  const length = context.publicKeyLength;
  if (!context.behaviour.hasEncryption || envelope === undefined || envelope.length <= length) {
    const terminal = context.terminals.find(outer.get('public_key') ?? '');
    return { ...unfaulted, outer, parameters: outer, terminal, wasEncrypted: false };
  }
  outer.set('public_key', envelope.slice(-length));
  const terminal = context.terminals.find(envelope.slice(-length));
  const opened = { ...unfaulted, outer, parameters: outer, terminal, wasEncrypted: true };
  const keys = terminal && keysOf(terminal);
  if (!keys) return opened;
  try {
    const inner = readDecryptedQuery(decryptAes256(envelope.slice(0, -length), keys));
    return { ...opened, parameters: new Map([...outer, ...inner]) };
  } catch (error) {
    return { ...opened, decryptionFault: innerReason(error) };
  }
}

const unfaulted = { decryptionFault: undefined, bodyFault: undefined };

function unreadable(bodyFault: string): OpenedRequest {
  const outer: Parameters = new Map();
  return {
    ...unfaulted,
    outer,
    parameters: outer,
    terminal: undefined,
    wasEncrypted: false,
    bodyFault,
  };
}

function innerReason(error: unknown): string {
  if (error instanceof BadEscape) return error.message;
  if (error instanceof GatewayCodecError) return 'Given final block not properly padded';
  throw error;
}
