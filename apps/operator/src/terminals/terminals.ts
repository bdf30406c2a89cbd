// `terminals add|set|list|pause|resume`: merchants' accounts at the gateway.
import type { Command } from 'commander';
import { addTerminal, declareAdd } from './add-terminal.js';
import { durationText } from '../command/times.js';
import type { Operator, RunCommand } from '../command/operator.js';
import { pauseTerminal, resumeTerminal } from './pause-terminal.js';
import { declareSet, setTerminal, type TerminalChange } from './set-terminal.js';
import { shortTime } from '../command/table.js';
import type { TerminalOptions } from './terminal-options.js';
import type { MerchantOption } from './find-terminal.js';

export function addTerminalCommands(program: Command, run: RunCommand): void {
  const terminals = program.command('terminals').description("merchants' accounts at the gateway");
  declareAdd(terminals.command('add')).action((options: TerminalOptions) =>
    run((operator) => addTerminal(operator, options)),
  );
  declareSet(terminals.command('set <name>')).action((name: string, options: TerminalChange) =>
    run((operator) => setTerminal(operator, name, options)),
  );
  terminals
    .command('list')
    .description('list all terminals, without their private keys')
    .action(() => run(listTerminals));
  terminals
    .command('pause <name>')
    .description('stop sending its payments; they stay queued')
    .requiredOption('--merchant <name>', 'the merchant that owns it')
    .requiredOption('--reason <text>', 'the reason, for later readers')
    .action((name: string, options: MerchantOption & { reason: string }) =>
      run((operator) => pauseTerminal(operator, name, options)),
    );
  terminals
    .command('resume <name>')
    .description('resume sending its payments')
    .requiredOption('--merchant <name>', 'the merchant that owns it')
    .action((name: string, options: MerchantOption) =>
      run((operator) => resumeTerminal(operator, name, options)),
    );
}

async function listTerminals({ prisma, output }: Operator): Promise<void> {
  const terminals = await prisma.terminal.findMany({
    orderBy: [{ merchant: { name: 'asc' } }, { name: 'asc' }],
    omit: { sealedPrivateKey: true },
    include: {
      merchant: { select: { name: true } },
      dropIn: { omit: { sealedPrivateKey: true } },
    },
  });
  // The key itself stays in the database.
  const withKey = await prisma.dropIn.findMany({
    where: { sealedPrivateKey: { not: null } },
    select: { terminalId: true },
  });
  const encrypted = new Set(withKey.map(({ terminalId }) => terminalId));
  output.list({
    rows: terminals,
    columns: {
      MERCHANT: ({ merchant }) => merchant.name,
      NAME: ({ name }) => name,
      NUMBER: ({ number }) => String(number),
      'BASE URL': ({ baseUrl }) => baseUrl,
      PROTOCOL: ({ protocol }) => protocol,
      CALLBACKS: ({ callbackEncryption }) => callbackEncryption,
      MODE: ({ mode }) => mode,
      LANE: ({ lane }) => lane,
      INQUIRY: ({ inquiry }) => inquiryName(inquiry),
      'ABSENT AFTER': ({ absentAfterMs: ms }) => (ms === null ? '' : durationText(Number(ms))),
      'DROP-IN': ({ id, dropIn }) =>
        dropIn
          ? `${formOf(dropIn, encrypted.has(id))} from ${dropIn.callerNetworks.join(',')}`
          : '',
      PAUSED: ({ pausedAt, pausedReason }) =>
        pausedAt ? `since ${shortTime(pausedAt)}: ${pausedReason}` : '',
    },
    json: (terminal) => ({
      id: terminal.id,
      merchant: terminal.merchant.name,
      name: terminal.name,
      number: terminal.number,
      base_url: terminal.baseUrl,
      protocol: terminal.protocol,
      callbacks: terminal.callbackEncryption,
      mode: terminal.mode,
      lane: terminal.lane,
      inquiry: inquiryName(terminal.inquiry),
      absent_after_ms: terminal.absentAfterMs === null ? null : Number(terminal.absentAfterMs),
      drop_in: terminal.dropIn && {
        accepts_encrypted: encrypted.has(terminal.id),
        accepts_plain: terminal.dropIn.acceptsPlain,
        callers: terminal.dropIn.callerNetworks,
        callbacks_to: terminal.dropIn.callbackOrigins,
      },
      paused_at: terminal.pausedAt,
      paused_reason: terminal.pausedReason,
      created_at: terminal.createdAt,
    }),
    none: 'There are no terminals; see "terminals add".',
  });
}

/** The value of `--drop-in`. */
function formOf({ acceptsPlain }: { readonly acceptsPlain: boolean }, isEncrypted: boolean) {
  if (!acceptsPlain) return 'encrypted';
  return isEncrypted ? 'both' : 'plain';
}

const inquiryName = (inquiry: string) => (inquiry === 'transId' ? 'trans-id' : inquiry);
