interface TerminalKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

export declare function encrypt(text: string, terminal: TerminalKeys): Buffer;
export declare function envelope(bytes: Buffer, terminal: TerminalKeys): string;
