// Stores the sandbox's state in an append-only file, so that its ledger survives a restart or a
// kill. Each line is one fact; a later line about the same row replaces an earlier one. Lines are
// written synchronously: the operating system has a row before its response leaves.
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Terminal } from './terminal.js';
import type { Transaction } from './transaction.js';

/** A create request as it arrived, recorded before any processing. */
export interface ReceivedRequest {
  readonly at: Date;
  readonly path: string;
  readonly terminalNumber: string | undefined;
  /**
   * True when it had an amount. An existence probe has none, and can never charge (protocol §11).
   */
  readonly couldCharge: boolean;
}

/** Receives the stored facts, in the order in which they were written. */
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

  /** Passes every readable fact to the reader. Call it once, before the first write. */
  replay(reader: JournalReader): void {
    const text = readFileSync(this.path, 'utf8');
    for (const line of text.split('\n')) if (line !== '') readLine(line, reader);
    // A line that a kill truncated must not swallow the next one.
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

  /** Deletes everything. */
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
 * Parses a line. Only a line that a kill truncated is unreadable; the response for its fact was
 * never sent.
 */
function readFact(line: string): Fact | undefined {
  try {
    return JSON.parse(line) as Fact;
  } catch {
    return undefined;
  }
}
