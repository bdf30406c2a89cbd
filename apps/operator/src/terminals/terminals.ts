// `terminals add|set|list|pause|resume`: merchants' accounts at the gateway.
import type { Command } from 'commander';
import { addTerminal, declareAdd } from './add-terminal.js';
import { durationText } from '../command/times.js';
import type { Operator, RunCommand } from '../command/operator.js';
import { pauseTerminal, resumeTerminal } from './pause-terminal.js';
import { declareSet, setTerminal, type TerminalChange } from './set-terminal.js';
import { shortTime, table } from '../command/table.js';
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

async function listTerminals({ prisma, print }: Operator): Promise<void> {
  const terminals = await prisma.terminal.findMany({
    orderBy: [{ merchant: { name: 'asc' } }, { name: 'asc' }],
    omit: { sealedPrivateKey: true },
    include: { merchant: { select: { name: true } } },
  });
  const rows = terminals.map(({ merchant, number, ...terminal }) => [
    merchant.name,
    terminal.name,
    String(number),
    terminal.baseUrl,
    terminal.protocol,
    terminal.callbackEncryption,
    terminal.mode,
    terminal.lane,
    terminal.inquiry === 'transId' ? 'trans-id' : terminal.inquiry,
    terminal.absentAfterMs === null ? '' : durationText(Number(terminal.absentAfterMs)),
    terminal.pausedAt ? `since ${shortTime(terminal.pausedAt)}: ${terminal.pausedReason}` : '',
  ]);
  const header = [
    'MERCHANT',
    'NAME',
    'NUMBER',
    'BASE URL',
    'PROTOCOL',
    'CALLBACKS',
    'MODE',
    'LANE',
  ];
  print(table([...header, 'INQUIRY', 'ABSENT AFTER', 'PAUSED'], rows));
}
