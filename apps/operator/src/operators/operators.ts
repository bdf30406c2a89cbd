// `operators add|list|renew|revoke`: the people who may make changes.
import { listOperators } from '@quittance/persistence';
import { addOperator, renewOperator, revokeOperator } from '@quittance/operations';
import type { Command } from 'commander';
import type { Operator, RunCommand } from '../command/operator.js';
import { shortTime, table } from '../command/table.js';

export function addOperatorCommands(program: Command, run: RunCommand): void {
  const operators = program
    .command('operators')
    .description('the people who may make changes with this CLI');
  operators
    .command('add <name>')
    .description('register a person; prints their key once, alone on stdout')
    .action((name: string) => run((operator) => add(operator, name)));
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

async function add(operator: Operator, given: string): Promise<void> {
  const { name, key, proposed } = await addOperator(operator, given);
  if (proposed !== undefined) operator.remark(proposed);
  const from = proposed === undefined ? '' : ', which works once it is approved';
  operator.remark(`The key of "${name}"${from}. It is shown only once:`);
  operator.print(key);
}

async function list({ prisma, print }: Operator): Promise<void> {
  const rows = (await listOperators(prisma)).map(({ id, name, createdAt, revokedAt }) => [
    id,
    name,
    revokedAt === null ? 'active' : 'revoked',
    shortTime(createdAt),
    shortTime(revokedAt),
  ]);
  print(table(['ID', 'NAME', 'STATE', 'ADDED', 'REVOKED'], rows));
}

async function renew(operator: Operator): Promise<void> {
  const { name, key } = await renewOperator(operator);
  operator.remark(`The new key of "${name}"; the previous one is revoked. It is shown only once:`);
  operator.print(key);
}

async function revoke(operator: Operator, name: string): Promise<void> {
  await revokeOperator(operator, name);
  operator.remark(`"${name}" can no longer make changes.`);
}
