// `terminals add|list|pause|resume`: merchants' accounts at the gateway.
import { Terminals } from '@quittance/persistence';
import { type Command, Option } from 'commander';
import { addTerminal } from './add-terminal.js';
import { merchantNamed } from './merchants.js';
import type { Operator } from './operator.js';
import { OperatorError } from './operator-error.js';
import type { RunCommand } from './run-command.js';
import { shortTime, table } from './table.js';
import { parseTerminalNumber, type TerminalOptions } from './terminal-options.js';

interface Named {
  readonly merchant: string;
}

export function addTerminalCommands(program: Command, run: RunCommand): void {
  const terminals = program.command('terminals').description("merchants' accounts at the gateway");
  declareAdd(terminals.command('add')).action((options: TerminalOptions) =>
    run((operator) => addTerminal(operator, options)),
  );
  terminals
    .command('list')
    .description('all terminals, without their private keys')
    .action(() => run(listTerminals));
  terminals
    .command('pause <name>')
    .description('hold back its payments; they stay queued')
    .requiredOption('--merchant <name>', 'whose terminal it is')
    .requiredOption('--reason <text>', 'why, for whoever looks later')
    .action((name: string, options: Named & { reason: string }) =>
      run((operator) => pauseTerminal(operator, name, options)),
    );
  terminals
    .command('resume <name>')
    .description('send its payments again')
    .requiredOption('--merchant <name>', 'whose terminal it is')
    .action((name: string, options: Named) =>
      run((operator) => resumeTerminal(operator, name, options)),
    );
}

function declareAdd(command: Command): Command {
  return command
    .description('add a terminal; prints its id')
    .requiredOption('--merchant <name>', 'whose terminal it is')
    .requiredOption('--name <name>', "the merchant's name for it, as in payment requests")
    .requiredOption('--base-url <url>', 'where the gateway is, e.g. http://127.0.0.1:9003')
    .requiredOption('--number <terNO>', 'its number at the gateway', parseTerminalNumber)
    .requiredOption('--public-key <key>', 'as the gateway issued it')
    .option(
      '--private-key <key>',
      'as the gateway issued it; "-" reads it from stdin, and without it TERMINAL_PRIVATE_KEY is taken',
    )
    .addOption(
      new Option('--protocol <protocol>', 'how requests are sent')
        .choices(['encrypted', 'plain'])
        .default('encrypted'),
    )
    .addOption(
      new Option('--callbacks <encryption>', 'how the gateway is asked to call back')
        .choices(['aes256', 'none'])
        .default('aes256'),
    )
    .addOption(
      new Option('--mode <mode>', 'whether it moves real money')
        .choices(['test', 'live'])
        .makeOptionMandatory(),
    )
    .option('--lane <lane>', 'submission queue, with its own rate and pause', 'default')
    .addOption(
      new Option('--inquiry <strategy>', 'what the gateway can be asked by')
        .choices(['trans-id', 'reference', 'probe'])
        .default('trans-id'),
    )
    .option(
      '--no-confirm-plain-success',
      "believe a plain callback's success without asking the gateway",
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
  print(table([...header, 'INQUIRY', 'PAUSED'], rows));
}

async function terminalNamed(operator: Operator, name: string, { merchant }: Named) {
  const { id: merchantId } = await merchantNamed(operator, merchant);
  const terminal = await operator.prisma.terminal.findUnique({
    where: { merchantId_name: { merchantId, name } },
    select: { id: true, pausedReason: true },
  });
  if (terminal) return terminal;
  throw new OperatorError(`"${merchant}" has no terminal "${name}"; see "terminals list".`);
}

async function pauseTerminal(
  operator: Operator,
  name: string,
  options: Named & { readonly reason: string },
): Promise<void> {
  const { id, pausedReason } = await terminalNamed(operator, name, options);
  if (pausedReason !== null) throw new OperatorError(`It is paused already: ${pausedReason}`);
  await new Terminals(operator.pool).pause(id, options.reason, operator.clock.now());
  operator.remark(`"${name}" is paused; running processes notice within 5 seconds.`);
}

async function resumeTerminal(operator: Operator, name: string, options: Named): Promise<void> {
  const { id, pausedReason } = await terminalNamed(operator, name, options);
  if (pausedReason === null) throw new OperatorError('It is not paused.');
  const running = { pausedAt: null, pausedReason: null };
  await operator.prisma.terminal.update({ where: { id }, data: running });
  operator.remark(`"${name}" is running; running processes notice within 5 seconds.`);
}
