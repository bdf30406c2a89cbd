// Resets the sandbox to its initial state, on disk too.
import { Injectable } from '@nestjs/common';
import { Acquirer } from '../acquirer/acquirer.js';
import { Blocklist } from '../creation/blocklist.js';
import { SandboxState } from '../transactions/sandbox-state.js';
import { WebhookNotifier } from '../webhook/webhook-notifier.js';
import { Faults } from '../exchange/faults.js';
import { Timers } from '../exchange/timers.js';

@Injectable()
export class SandboxReset {
  constructor(
    private readonly state: SandboxState,
    private readonly acquirer: Acquirer,
    private readonly blocklist: Blocklist,
    private readonly faults: Faults,
    private readonly notifier: WebhookNotifier,
    private readonly timers: Timers,
  ) {}

  /**
   * Deletes payments, scripts and scheduled work; deletes terminals only if `also.terminals` is
   * true.
   */
  reset(also: { readonly terminals: boolean }): void {
    const { ledger, terminals, journal } = this.state;
    this.timers.clear();
    this.notifier.forget();
    for (const part of [this.faults, this.acquirer, this.blocklist, ledger]) part.clear();
    journal?.empty();
    if (also.terminals) terminals.clear();
    else for (const terminal of terminals.all()) journal?.writeTerminal(terminal);
  }
}
