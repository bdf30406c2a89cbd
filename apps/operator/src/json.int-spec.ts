// Goal: a script can read whatever a command prints, of every command that there is. Method: each
// runs with --json over a real database; a command without a row here fails the test.
import { decideRefund } from '@quittance/payments';
import { Payments, Refunds } from '@quittance/persistence';
import type { Command } from 'commander';
import { createTestRedis } from '../../../test/support/redis.js';
import { aPayment, insertTestTerminal } from '../../../test/support/payments.js';
import { aPaidPayment, aRefundOf } from '../../../test/support/refunds.js';
import { ADD_TERMINAL, CliRig } from '../test/cli-rig.js';
import { KeyFolderRig } from '../test/key-folder-rig.js';
import { SETTLES_AFTER_MS } from './key-rotation/needs.js';
import { createProgram } from './program.js';

/** It calls the API: test/import/import.int-spec.ts. */
const COMMAND_OF_THE_API = 'import';
/** It fails where it finds a fault: doctor/doctor.int-spec.ts. */
const COMMAND_OF_FAULTS = 'doctor';
/** It prints a script for the shell. */
const COMMAND_OF_THE_SHELL = 'completion';

const redis = createTestRedis();
let rig: CliRig;
let folder: KeyFolderRig;
/** The objects that each command has printed, by its name. */
const printed: Record<string, Record<string, string>[]> = {};
/** The key of the operator who acts; empty before one is registered. */
let actingKey = '';

beforeAll(async () => {
  rig = await CliRig.start();
  folder = new KeyFolderRig(rig);
  await folder.reset();
  await insertTestTerminal(rig.pool);
});
afterAll(async () => {
  folder.remove();
  await redis.clear();
  await rig.stop();
});

/** Runs a command, and returns the objects that it prints. */
async function json(name: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const settings = {
    REDIS_URL: redis.url,
    QUEUE_PREFIX: redis.prefix,
    EVENT_SUBSCRIBERS: 'shop',
    QUITTANCE_KEYSET: folder.file('operator'),
    QUITTANCE_OPERATOR_KEY: actingKey,
    ...env,
  };
  const { exitCode, out, err } = await rig.runIn(settings, ...name.split(' '), ...args, '--json');
  expect([exitCode, exitCode === 0 ? '' : err]).toEqual([0, '']);
  const lines = out.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, string>);
}

async function aDoubt(): Promise<string> {
  const payment = aPayment({ status: 'inDoubt', doubtReason: 'no_reply', attempt: 1 });
  await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard: null });
  return payment.reference;
}

async function aRefundInDoubt(): Promise<string> {
  const payment = aPaidPayment();
  await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard: null });
  const refund = aRefundOf(payment, { amountMinor: 500n });
  const refunds = new Refunds(rig.pool);
  await refunds.request(refund);
  const now = new Date();
  const outcome = { kind: 'unknown', reason: 'no_reply' } as const;
  for (const evidence of [
    { cause: 'request', act: 'open', replyBefore: now } as const,
    { cause: 'reply', outcome, random: 0 } as const,
  ]) {
    const before = (await refunds.load(refund.id))!;
    const decision = decideRefund(before, evidence, now);
    await refunds.record({ before, decision, terminalName: 'main' });
  }
  return refund.reference;
}

/** Proposes what one operator may not do alone, and returns the proposal's id. */
async function aProposal(): Promise<string> {
  const [proposed] = await json('resolve', [await aDoubt(), ...seen], { FOUR_EYES_ABOVE: '*:0' });
  return /prp_\w+/.exec(proposed?.['done'] ?? '')?.[0] ?? 'none';
}

async function aRetiredKey(): Promise<string> {
  await folder.ageUses(SETTLES_AFTER_MS);
  return first('keys rotate', 'replaces');
}

/** Registers two operators; the first acts from now on. */
async function registerOperators(): Promise<void> {
  actingKey = await rig.addOperator('ann');
  await rig.addOperator('bob', { QUITTANCE_OPERATOR_KEY: actingKey });
}

/** A member of the first object that a command has printed. */
const first = (name: string, member: string) => printed[name]?.[0]?.[member] ?? 'none';

const seen = ['--as', 'failed', '--evidence', 'seen'];
const ofMain = ['main', '--merchant', 'acme'];
const text = expect.any(String);

/** The arguments, and a part of each object that the command prints; none if it prints nothing. */
type Row = readonly [
  name: string,
  args: () => string[] | Promise<string[]>,
  part: object | undefined,
];

/** In an order in which all succeed. */
const ROWS: readonly Row[] = [
  ['merchants add', () => ['initech'], { id: text, name: 'initech' }],
  ['merchants list', () => [], { id: text, name: text }],
  [
    'keys create',
    () => ['--merchant', 'acme', '--scopes', 'payments:read'],
    { id: text, key: expect.stringMatching(/^qk_/) },
  ],
  ['keys list', () => [], { scopes: ['payments:read'] }],
  ['keys revoke', () => [first('keys create', 'id')], undefined],
  ['keys rotate', () => ['--use', 'drop-in', '--offline'], { kid: text, replaces: text }],
  ['keys destroy', async () => [await aRetiredKey(), '--offline'], undefined],
  [
    'terminals add',
    () => [...ADD_TERMINAL.slice(2), '--name', 'main', '--private-key', 'x'],
    { id: expect.stringMatching(/^ter_/), merchant: 'acme', name: 'main' },
  ],
  ['terminals list', () => [], { name: 'main', base_url: text, drop_in: null }],
  ['terminals set', () => [...ofMain, '--inquiry', 'reference'], undefined],
  ['terminals pause', () => [...ofMain, '--reason', 'new keys'], undefined],
  ['terminals resume', () => ofMain, undefined],
  ['lanes list', () => [], { name: 'default', concurrency: null }],
  ['lanes set', () => ['default', '--rate', '50'], undefined],
  ['lanes pause', () => ['default', '--reason', 'the gateway is maintained'], undefined],
  ['lanes resume', () => ['default'], undefined],
  ['explain', async () => [await aDoubt()], { payment_intent: expect.any(Object) }],
  ['payments list', () => [], { reference: text, status: 'in_doubt' }],
  ['refunds explain', async () => [await aRefundInDoubt()], { status: 'in_doubt' }],
  ['refunds list', () => [], { reference: text, status: 'in_doubt' }],
  [
    'refunds resolve',
    () => [first('refunds list', 'reference'), ...seen],
    { reference: text, done: text },
  ],
  ['resolve', async () => [await aDoubt(), ...seen], { reference: text, done: text }],
  // No worker has begun a walk.
  ['retention', () => [], undefined],
  [
    'inquire',
    async () => {
      await rig.pool.query(`UPDATE terminals SET inquiry = 'reference'`);
      return [await aDoubt()];
    },
    { reference: text, done: text },
  ],
  ['queues failed', () => [], undefined],
  ['queues retry', () => ['submission-default'], { matches: 0, until: null }],
  ['queues discard', () => ['inquiry'], { matches: 0, until: null }],
  ['events failed', () => [], undefined],
  ['events replay', () => ['--from', '2020-01-01'], { done: expect.stringContaining('(rpl_') }],
  ['events replays', () => [], { from: '2020-01-01T00:00:00.000Z', ended_at: null }],
  [
    'operators add',
    async () => {
      await registerOperators();
      return ['carol'];
    },
    { name: 'carol', key: text, is_proposed: false },
  ],
  ['operators list', () => [], { name: text, state: 'active' }],
  ['operators revoke', () => ['bob'], undefined],
  ['proposals withdraw', async () => [await aProposal()], undefined],
  [
    'proposals list',
    async () => {
      await aProposal();
      return [];
    },
    { id: text, action: 'resolve' },
  ],
  [
    'approve',
    () => {
      actingKey = first('operators add', 'key');
      return [first('proposals list', 'id')];
    },
    { proposal: text, done: text },
  ],
  ['operators renew', () => [], { name: 'carol', key: text }],
  ['audit list', () => [], { action: text, operator: text }],
  ['audit verify', () => [], { number: expect.any(Number), hash: text }],
];

it('stands in the table below', () => {
  const program = createProgram({
    env: {},
    version: '1.2.3',
    stdin: () => Promise.resolve(''),
    print: () => undefined,
    remark: () => undefined,
  });
  const names = (command: Command, path: string): string[] =>
    command.commands.length === 0
      ? [path]
      : command.commands.flatMap((child) => names(child, `${path} ${child.name()}`.trimStart()));
  const here = [
    ...ROWS.map(([name]) => name),
    COMMAND_OF_THE_API,
    COMMAND_OF_FAULTS,
    COMMAND_OF_THE_SHELL,
  ];
  expect(here.toSorted()).toEqual(names(program, '').toSorted());
});

it.each(ROWS)('%s prints JSON alone', async (name, args, part) => {
  const rows = await json(name, await args());
  printed[name] = rows;
  expect(rows.length > 0).toBe(part !== undefined);
  for (const row of rows) expect(row).toMatchObject(part ?? {});
});
