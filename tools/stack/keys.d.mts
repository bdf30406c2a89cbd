/** One of the sandbox's terminals. */
export interface LocalTerminal {
  readonly name: string;
  readonly number: number;
  readonly protocol: 'encrypted' | 'plain';
  readonly callbacks: 'aes256' | 'none';
}

/** With the keys the gateway issued for it. */
export interface TerminalWithKeys extends LocalTerminal {
  readonly publicKey: string;
  readonly privateKey: string;
}

export declare const TERMINALS: readonly LocalTerminal[];
export declare function ensureKeys(
  folder: string,
): Promise<{ readonly made: boolean; readonly terminals: readonly TerminalWithKeys[] }>;
