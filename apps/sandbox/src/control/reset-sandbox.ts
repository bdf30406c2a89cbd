// Puts the sandbox back to where it started, on disk too.
import type { Acquirer } from '../acquirer/acquirer.js';
import type { Blocklist } from '../creation/blocklist.js';
import type { Terminals } from '../terminals/terminal.js';
import type { Journal } from '../transactions/journal.js';
import type { Ledger } from '../transactions/ledger.js';
import type { WebhookNotifier } from '../webhook/webhook-notifier.js';
import type { Faults } from './faults.js';
import type { Timers } from './timers.js';

interface Parts {
  readonly ledger: Ledger;
  readonly terminals: Terminals;
  readonly acquirer: Acquirer;
  readonly blocklist: Blocklist;
  readonly faults: Faults;
  readonly notifier: WebhookNotifier;
  readonly timers: Timers;
  readonly journal: Journal | undefined;
}

export class ResetSandbox {
  constructor(private readonly parts: Parts) {}

  /** Forgets payments, scripts and everything planned; terminals stay unless they are to go too. */
  reset(also: { readonly terminals: boolean }): void {
    const { ledger, terminals, acquirer, blocklist, faults, notifier, timers, journal } =
      this.parts;
    timers.clear();
    notifier.forget();
    for (const part of [faults, acquirer, blocklist, ledger]) part.clear();
    journal?.empty();
    if (also.terminals) terminals.clear();
    else for (const terminal of terminals.all()) journal?.writeTerminal(terminal);
  }
}
