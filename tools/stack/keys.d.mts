/** One of the sandbox's terminals. */
export interface LocalTerminal {
  readonly name: string;
  readonly number: number;
  readonly protocol: 'encrypted' | 'plain';
  readonly callbacks: 'aes256' | 'none';
  /** How the gateway is asked without a transID; the CLI's default without it. */
  readonly inquiry?: 'trans-id' | 'reference' | 'probe';
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
