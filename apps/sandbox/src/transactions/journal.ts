// An append-only file of what the sandbox knows, so that its ledger survives a restart or a kill.
// Each line is one fact; a later line about the same row replaces the earlier one. Lines are
// written synchronously: an answer never leaves before its row is in the operating system's hands.
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Terminal } from './terminal.js';
import type { Transaction } from './transaction.js';

/** One create request as it arrived, noted before anything else happens to it. */
export interface ReceivedRequest {
  readonly at: Date;
  readonly path: string;
  readonly terminalNumber: string | undefined;
  /**
   * Whether it carried an amount. An existence probe does not, and can never charge (protocol §11).
   */
  readonly couldCharge: boolean;
}

/** Takes the facts back, in the order they were written. */
export interface JournalReader {
  readonly terminal: (terminal: Terminal) => void;
  readonly transaction: (transaction: Transaction) => void;
  readonly request: (reference: string, request: ReceivedRequest) => void;
}

export class Journal {
  readonly #file: number;

  /** Opens or creates the file and its folder. */
  constructor(private readonly path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#file = openSync(path, 'a', 0o600);
  }

  /** Hands every readable fact to the reader. To be called once, before anything is written. */
  replay(reader: JournalReader): void {
    const text = readFileSync(this.path, 'utf8');
    for (const line of text.split('\n')) if (line !== '') readLine(line, reader);
    // A line that a kill cut off must not swallow the next one.
    if (text !== '' && !text.endsWith('\n')) writeSync(this.#file, '\n');
  }

  writeTerminal(terminal: Terminal): void {
    this.#write({ kind: 'terminal', terminal });
  }

  writeTransaction(transaction: Transaction): void {
    this.#write({ kind: 'transaction', transaction });
  }

  writeRequest(reference: string, request: ReceivedRequest): void {
    this.#write({ kind: 'request', reference, request });
  }

  /** Forgets everything. */
  empty(): void {
    ftruncateSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(fact: object): void {
    writeSync(this.#file, `${JSON.stringify(fact)}\n`);
  }
}

type Fact =
  | { kind: 'terminal'; terminal: Terminal }
  | { kind: 'transaction'; transaction: Omit<Transaction, 'createdAt'> & { createdAt: string } }
  | { kind: 'request'; reference: string; request: Omit<ReceivedRequest, 'at'> & { at: string } };

function readLine(line: string, reader: JournalReader): void {
  const fact = readFact(line);
  switch (fact?.kind) {
    case 'terminal':
      return reader.terminal(fact.terminal);
    case 'transaction':
      return reader.transaction({
        ...fact.transaction,
        createdAt: new Date(fact.transaction.createdAt),
      });
    case 'request':
      return reader.request(fact.reference, { ...fact.request, at: new Date(fact.request.at) });
    case undefined:
      return;
  }
}

/**
 * A line cut short by a kill is the only kind that cannot be read; its fact was never answered for.
 */
function readFact(line: string): Fact | undefined {
  try {
    return JSON.parse(line) as Fact;
  } catch {
    return undefined;
  }
}
