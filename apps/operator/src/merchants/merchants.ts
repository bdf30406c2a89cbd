// `merchants add|list`: the tenants.
import { isUniqueViolation } from '@quittance/persistence';
import { newId } from '@quittance/platform';
import type { Command } from 'commander';
import { act, OperatorError } from '@quittance/operations';
import type { Operator, RunCommand } from '../command/operator.js';
import { shortTime } from '../command/table.js';

const NAME_LENGTH_MAX = 100;

export function addMerchantCommands(program: Command, run: RunCommand): void {
  const merchants = program.command('merchants').description('the tenants of the API');
  merchants
    .command('add <name>')
    .description('add a merchant; prints its id')
    .action((name: string) => run((operator) => addMerchant(operator, name)));
  merchants
    .command('list')
    .description('list all merchants')
    .action(() => run(listMerchants));
}

async function addMerchant(operator: Operator, name: string): Promise<void> {
  if (name.trim() !== name || name === '' || name.length > NAME_LENGTH_MAX) {
    throw new OperatorError(`A merchant's name has 1 to ${NAME_LENGTH_MAX} characters.`);
  }
  const id = newId('mer');
  try {
    await act(operator, {}, async ({ tx, at, audit }) => {
      await tx.merchant.create({ data: { id, name, createdAt: at }, select: { id: true } });
      audit({
        action: 'merchants add',
        subject: { kind: 'merchant', id },
        before: null,
        after: { name },
      });
    });
  } catch (error) {
    if (isUniqueViolation(error)) throw new OperatorError(`A merchant "${name}" already exists.`);
    throw error;
  }
  operator.output.result(id, { id, name });
}

async function listMerchants({ prisma, output }: Operator): Promise<void> {
  const merchants = await prisma.merchant.findMany({
    orderBy: { id: 'asc' },
    include: { _count: { select: { terminals: true, apiKeys: true } } },
  });
  output.list({
    rows: merchants,
    columns: {
      ID: ({ id }) => id,
      NAME: ({ name }) => name,
      TERMINALS: ({ _count }) => String(_count.terminals),
      KEYS: ({ _count }) => String(_count.apiKeys),
      CREATED: ({ createdAt }) => shortTime(createdAt),
    },
    json: ({ id, name, createdAt, _count }) => ({
      id,
      name,
      terminals: _count.terminals,
      keys: _count.apiKeys,
      created_at: createdAt,
    }),
    none: 'There are no merchants; see "merchants add".',
  });
}

/** Returns the merchant with this name. Throws {@link OperatorError} when there is none. */
export async function findMerchant({ prisma }: Operator, name: string): Promise<{ id: string }> {
  const merchant = await prisma.merchant.findUnique({ where: { name }, select: { id: true } });
  if (!merchant) throw new OperatorError(`There is no merchant "${name}"; see "merchants list".`);
  return merchant;
}
