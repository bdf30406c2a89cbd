// `operators add|list|renew|revoke`: the people who may act, each with a key of their own (PCI DSS 8.2.1).
import {
  countOperators,
  insertOperator,
  listOperators,
  revokeOperator,
  revokeOpsKeys,
} from '@quittance/persistence';
import { newId } from '@quittance/platform';
import type { Command } from 'commander';
import { act } from '../audit/act.js';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '../command/operator-error.js';
import type { RunCommand } from '../command/run-command.js';
import { shortTime, table } from '../command/table.js';
import { addOperator } from './add-operator.js';
import { digestOfOperatorKey, newOperatorKey } from './operator-key.js';

export function addOperatorCommands(program: Command, run: RunCommand): void {
  const operators = program.command('operators').description('the people who may use this CLI');
  operators
    .command('add <name>')
    .description('register a person; prints their key once, alone on stdout')
    .action((name: string) => run((operator) => addOperator(operator, name)));
  operators
    .command('list')
    .description('everybody who is or was registered, without their keys')
    .action(() => run(list));
  operators
    .command('renew')
    .description('replace your own key; prints the new one once, alone on stdout')
    .action(() => run(renew));
  operators
    .command('revoke <name>')
    .description('end a person’s key, and the ops keys they hold, at once')
    .action((name: string) => run((operator) => revoke(operator, name)));
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

/** After it nobody else knows the key, whoever registered the person. */
async function renew(operator: Operator): Promise<void> {
  const key = newOperatorKey();
  const id = newId('opr');
  const name = await act(operator, {}, async ({ tx, who, at, isRegistered, audit }) => {
    if (!isRegistered) throw new OperatorError('No operator is registered; see "operators add".');
    const before = await revokeOperator(tx, who, at);
    await insertOperator(tx, { id, name: who, keySha256: digestOfOperatorKey(key), at });
    const subject = { kind: 'operator', id: who } as const;
    audit({ action: 'operators renew', subject, before: { id: before }, after: { id } });
    return who;
  });
  operator.remark(`The new key of "${name}"; the one before is revoked. Shown only now:`);
  operator.print(key);
}

async function revoke(operator: Operator, name: string): Promise<void> {
  await act(operator, {}, async ({ tx, at, audit }) => {
    const id = await revokeOperator(tx, name, at);
    if (id === undefined) {
      throw new OperatorError(`There is no active operator "${name}"; see "operators list".`);
    }
    // Without anybody registered, everybody with the database could act under any name.
    const { active } = await countOperators(tx);
    if (active === 0) {
      throw new OperatorError(`"${name}" is the last operator; add another one first.`);
    }
    const subject = { kind: 'operator', id: name } as const;
    const keys = await revokeOpsKeys(tx, name, at);
    audit({ action: 'operators revoke', subject, before: { id, ops_keys: keys }, after: null });
  });
  operator.remark(`"${name}" can change nothing any more.`);
}
