// Puts the sandbox's parts together by hand: they are plain classes, and one of each is all there is.
import type { Logger } from '@quittance/platform';
import { Acquirer } from './acquirer/acquirer.js';
import type { SandboxSettings } from './config.js';
import { Faults } from './control/faults.js';
import { Listener } from './control/listener.js';
import { ResetSandbox } from './control/reset-sandbox.js';
import { SettlePayment } from './control/settle-payment.js';
import { Timers } from './control/timers.js';
import { Blocklist } from './creation/blocklist.js';
import { CreatePayment } from './creation/create-payment.js';
import { CurrentGeneration } from './generation/generation.js';
import { BackOffice } from './refunds/back-office.js';
import { RequestRefund } from './refunds/request-refund.js';
import { UpdateStatus } from './status/update-status.js';
import { Terminals } from './terminals/terminal.js';
import { Journal } from './transactions/journal.js';
import { Ledger } from './transactions/ledger.js';
import { WebhookNotifier } from './webhook/webhook-notifier.js';
import { WebhookSender, type WebhookOutcome } from './webhook/webhook-sender.js';
import { Exchange } from './wire/exchange.js';

export interface SandboxParts {
  /** What the controllers ask for, each under its own class. */
  readonly injectable: readonly object[];
  readonly listener: Listener;
  /** Ends everything that would outlive the server. */
  readonly stop: () => Promise<void>;
}

/** Reads the ledger file, if there is one, and builds everything on top of it. */
export function assembleSandbox(
  settings: SandboxSettings,
  logger: Logger,
  onWebhook: (outcome: WebhookOutcome) => void,
): SandboxParts {
  const { journal, terminals, ledger } = openBooks(settings.ledgerFile);
  const generation = new CurrentGeneration(settings.generation);
  const [faults, timers, acquirer, blocklist] = [
    new Faults(),
    new Timers(),
    new Acquirer(),
    new Blocklist(),
  ];
  const listener = new Listener();
  const sender = new WebhookSender(logger, onWebhook);
  const notifier = new WebhookNotifier(terminals, generation, faults, sender, timers);
  const updates = new UpdateStatus(ledger, generation, notifier);
  const settlePayment = new SettlePayment(updates, timers, logger);
  const creation = new CreatePayment(
    ledger,
    blocklist,
    acquirer,
    generation,
    (transaction, settlement) => settlePayment.settleLater(transaction, settlement),
  );
  const reset = new ResetSandbox({
    ledger,
    terminals,
    acquirer,
    blocklist,
    faults,
    notifier,
    timers,
    journal,
  });
  return {
    injectable: [
      generation,
      terminals,
      ledger,
      acquirer,
      blocklist,
      faults,
      listener,
      notifier,
      updates,
      settlePayment,
      creation,
      reset,
      new Exchange(faults),
      new RequestRefund(ledger, generation),
      new BackOffice(ledger, generation),
    ],
    listener,
    stop: async () => {
      listener.stop();
      timers.clear();
      await sender.close();
      journal?.close();
    },
  };
}

function openBooks(ledgerFile: string | undefined): {
  journal: Journal | undefined;
  terminals: Terminals;
  ledger: Ledger;
} {
  const journal = ledgerFile === undefined ? undefined : new Journal(ledgerFile);
  const terminals = new Terminals(journal);
  const ledger = new Ledger(journal);
  journal?.replay({
    terminal: (terminal) => terminals.restore(terminal),
    transaction: (transaction) => ledger.restoreTransaction(transaction),
    request: (reference, request) => ledger.restoreRequest(reference, request),
  });
  return { journal, terminals, ledger };
}
