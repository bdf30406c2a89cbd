// `operators add|list|renew|revoke`: the people who may make changes.
import { listOperators, OPERATOR_RIGHTS, type OperatorRights } from '@quittance/persistence';
import { addOperator, renewOperator, revokeOperator } from '@quittance/operations';
import { type Command, Option } from 'commander';
import type { Operator, RunCommand } from '../command/operator.js';
import { shortTime } from '../command/table.js';

export function addOperatorCommands(program: Command, run: RunCommand): void {
  const operators = program
    .command('operators')
    .description('the people who may make changes with this CLI');
  operators
    .command('add <name>')
    .description('register a person; prints their key once, alone on stdout')
    .addOption(
      new Option('--rights <rights>', 'read: see everything and change nothing; act: change too')
        .choices(OPERATOR_RIGHTS)
        .default('act'),
    )
    .action((name: string, { rights }: { rights: OperatorRights }) =>
      run((operator) => add(operator, name, rights)),
    );
  operators
    .command('list')
    .description('list all operators, active and revoked, without their keys')
    .action(() => run(list));
  operators
    .command('renew')
    .description('replace your own key; prints the new one once, alone on stdout')
    .action(() => run(renew));
  operators
    .command('revoke <name>')
    .description('revoke a person’s key and the ops keys they hold')
    .action((name: string) => run((operator) => revoke(operator, name)));
}

async function add(operator: Operator, given: string, rights: OperatorRights): Promise<void> {
  const { name, key, proposed } = await addOperator(operator, given, rights);
  if (proposed !== undefined) operator.output.remark(proposed);
  const from = proposed === undefined ? '' : ', which works once it is approved';
  operator.output.remark(`The key of "${name}"${from}. It is shown only once:`);
  operator.output.result(key, { name, key, rights, is_proposed: proposed !== undefined });
}

async function list({ prisma, output }: Operator): Promise<void> {
  output.list({
    rows: await listOperators(prisma),
    columns: {
      ID: ({ id }) => id,
      NAME: ({ name }) => name,
      STATE: ({ revokedAt }) => (revokedAt === null ? 'active' : 'revoked'),
      RIGHTS: ({ rights }) => rights,
      ADDED: ({ createdAt }) => shortTime(createdAt),
      REVOKED: ({ revokedAt }) => shortTime(revokedAt),
    },
    json: ({ id, name, rights, createdAt, revokedAt }) => ({
      id,
      name,
      rights,
      state: revokedAt === null ? 'active' : 'revoked',
      created_at: createdAt,
      revoked_at: revokedAt,
    }),
    none: 'No operator is registered, so every user of the database may make changes.',
  });
}

async function renew(operator: Operator): Promise<void> {
  const { name, key } = await renewOperator(operator);
  operator.output.remark(
    `The new key of "${name}"; the previous one is revoked. It is shown only once:`,
  );
  operator.output.result(key, { name, key });
}

async function revoke(operator: Operator, name: string): Promise<void> {
  await revokeOperator(operator, name);
  operator.output.remark(`"${name}" can no longer make changes.`);
}
