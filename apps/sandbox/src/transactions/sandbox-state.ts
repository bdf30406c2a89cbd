// Holds the sandbox's terminals and ledger, and the journal of both if a file is configured.
import { Injectable } from '@nestjs/common';
import { SandboxSettings } from '../config.js';
import { Terminals } from './terminals.js';
import { Journal } from './journal.js';
import { Ledger } from './ledger.js';

@Injectable()
export class SandboxState {
  readonly journal: Journal | undefined;
  readonly terminals: Terminals;
  readonly ledger: Ledger;

  /** Reads the ledger file, if one is configured. */
  constructor({ ledgerFile }: SandboxSettings) {
    const journal = ledgerFile === undefined ? undefined : new Journal(ledgerFile);
    const terminals = new Terminals(journal);
    const ledger = new Ledger(journal);
    journal?.replay({
      terminal: (terminal) => terminals.restore(terminal),
      transaction: (transaction) => ledger.restoreTransaction(transaction),
      request: (reference, request) => ledger.restoreRequest(reference, request),
    });
    this.journal = journal;
    this.terminals = terminals;
    this.ledger = ledger;
  }
}
