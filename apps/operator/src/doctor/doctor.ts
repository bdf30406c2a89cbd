// `doctor`: checks the installation from this host and says what to do about each fault. Every part
// is checked by itself, so that an unavailable one does not hide the others.
import { type Grade, OperatorError } from '@quittance/operations';
import { createPool, PrismaService } from '@quittance/persistence';
import { type ConfigOf, errorCodeOf, loadConfig } from '@quittance/platform';
import { POSTGRES_DEADLINES, unavailableReason } from '@quittance/postgres';
import type { Command } from 'commander';
import type { Pool } from 'pg';
import { Output } from '../command/output.js';
import { cliConfig } from '../config.js';
import type { CliHost, CommonOptions } from '../open-operator.js';
import { bad, type Finding, good } from './finding.js';
import { checkGateways } from './gateway-checks.js';
import { checkKeys } from './key-checks.js';
import { checkPostgres } from './postgres-checks.js';
import { checkRedis } from './redis-checks.js';
import { checkReplica } from './replica-checks.js';
import { checkSentinels } from './sentinel-checks.js';
import { checkWork } from './verdict-checks.js';

/** The oldest Node on which the tests run. */
const NODE_MIN = [20, 19] as const;
const SIGNS: Readonly<Record<Grade, string>> = {
  good: 'ok',
  attention: 'attention',
  bad: 'BAD',
  unknown: 'unknown',
};

export function addDoctorCommand(program: Command, host: CliHost): void {
  program
    .command('doctor')
    .description('check versions, settings, servers, keys and gateways, and say what to do')
    .action(async () => {
      const { json = false } = program.opts<CommonOptions>();
      await examine(host, new Output(host, json));
    });
}

async function examine(host: CliHost, output: Output): Promise<void> {
  const config = loadConfig(cliConfig, host.env);
  const pool = createPool({
    databaseUrl: config.postgres.databaseUrl.reveal(),
    connections: 2,
    pooler: config.postgres.pooler,
    applicationName: 'quittance-doctor',
    onError: () => undefined,
    deadlines: POSTGRES_DEADLINES,
  });
  const prisma = new PrismaService(pool);
  const { redis: queues, events } = config;
  const sources = { pool, queues, subscribers: events.subscribers };
  try {
    const rows = [
      ...(await ofPart('work', 'DATABASE_URL', () => checkWork(sources))),
      nodeFinding(process.versions.node),
      ...(await ofDatabase(pool, prisma)),
      ...(await ofReplica(pool, config)),
      ...(await ofPart('Sentinels', 'REDIS_URL', () => checkSentinels(queues))),
      ...(await ofPart('Redis', 'REDIS_URL', () => checkRedis(queues))),
    ];
    print(rows, output);
  } finally {
    await prisma.$disconnect();
    await pool.end();
  }
}

/** Everything that Postgres knows; nothing of it without Postgres. */
async function ofDatabase(pool: Pool, prisma: PrismaService): Promise<Finding[]> {
  const postgres = await ofPart('Postgres', 'DATABASE_URL', () => checkPostgres(pool));
  if (postgres.length === 1) return postgres;
  const part = (check: string, run: () => Promise<Finding[]>) => ofPart(check, 'DATABASE_URL', run);
  return [
    ...postgres,
    ...(await part('keys of the processes', () => checkKeys(pool))),
    ...(await part('gateway', () => checkGateways(prisma))),
  ];
}

async function ofReplica(
  pool: Pool,
  { replica: { databaseUrl }, postgres: { pooler } }: ConfigOf<(typeof cliConfig)['shape']>,
): Promise<Finding[]> {
  if (databaseUrl === undefined) return [];
  const address = { databaseUrl: databaseUrl.reveal(), pooler };
  return ofPart('read replica', 'DATABASE_READ_URL', () => checkReplica(pool, address));
}

async function ofPart(
  check: string,
  variable: string,
  run: () => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await run();
  } catch (error) {
    const reason =
      error instanceof OperatorError
        ? error.message
        : (unavailableReason(error) ?? `it failed (${errorCodeOf(error) ?? 'unknown'})`);
    return [bad(check, reason, `Check that it runs, and ${variable}.`)];
  }
}

function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin, minorMin] = NODE_MIN;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return good('Node', version);
  return bad('Node', `${version} is too old`, `Install ${NODE_MIN.join('.')} or later.`);
}

function print(rows: readonly Finding[], output: Output): void {
  output.list({
    rows,
    columns: {
      CHECK: ({ check }) => check,
      STATE: ({ grade }) => SIGNS[grade],
      FINDING: ({ finding }) => finding,
    },
    json: (row) => row,
    none: '',
  });
  for (const { check, advice } of rows) if (advice !== null) output.remark(`${check}: ${advice}`);
  const faults = rows.filter(({ grade }) => grade === 'bad').length;
  if (faults > 0) throw new OperatorError(faults === 1 ? '1 fault.' : `${faults} faults.`);
}
