// A terminal for tests.
import type { TerminalWithoutKey } from '@quittance/persistence';

export function aTerminal(changes: Partial<TerminalWithoutKey> = {}): TerminalWithoutKey {
  return {
    id: 'ter_test',
    version: '1',
    merchantId: 'mer_test',
    name: 'main',
    baseUrl: 'http://127.0.0.1:9',
    number: 42,
    publicKey: 'public',
    protocol: 'encrypted',
    callbackEncryption: 'aes256',
    mode: 'live',
    lane: 'default',
    inquiry: 'trans_id',
    absentAfterMs: null,
    pausedReason: null,
    ...changes,
  };
}
