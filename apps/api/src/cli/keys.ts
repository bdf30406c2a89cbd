// `keys create|list|revoke`: API keys. A key is shown once, when it is made; only its digest is kept.
import { newId } from '@quittance/platform';
import { type Command, InvalidArgumentError } from 'commander';
import { digestOfKey, newApiKey } from '../access/api-key.js';
import { isScope, type Scope, scopes } from '../access/scopes.js';
import { act } from './audit/act.js';
import { parseDate } from './date.js';
import { merchantNamed } from './merchants.js';
import type { Operator } from './operator.js';
import { OperatorError } from './operator-error.js';
import type { RunCommand } from './run-command.js';
import { shortTime, table } from './table.js';

interface NewKey {
  readonly merchant: string;
  readonly scopes: readonly Scope[];
  readonly expires?: Date;
}

export function addKeyCommands(program: Command, run: RunCommand): void {
  const keys = program.command('keys').description('API keys');
  keys
    .command('create')
    .description('make a key; prints it once, alone on stdout')
    .requiredOption('--merchant <name>', 'whose key it is')
    .requiredOption('--scopes <list>', `what it may do: ${scopes.join(',')}`, parseScopes)
    .option('--expires <date>', 'when it ends, e.g. 2027-01-31 or 2027-01-31T12:00:00Z', parseDate)
    .action((options: NewKey) => run((operator) => createKey(operator, options)));
  keys
    .command('list')
    .description('all keys, without their secrets')
    .action(() => run(listKeys));
  keys
    .command('revoke <id>')
    .description('end a key; running processes notice within 5 seconds')
    .action((id: string) => run((operator) => revokeKey(operator, id)));
}

function parseScopes(list: string): Scope[] {
  const wanted = [...new Set(list.split(',').map((scope) => scope.trim()))];
  const unknown = wanted.filter((scope) => !isScope(scope));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(`Scopes are ${scopes.join(', ')}, separated by commas.`);
  }
  return wanted.filter(isScope);
}

async function createKey(operator: Operator, options: NewKey): Promise<void> {
  if (options.expires && options.expires <= operator.clock.now()) {
    throw new OperatorError('The key would have expired before it is made.');
  }
  const { id: merchantId } = await merchantNamed(operator, options.merchant);
  const key = newApiKey();
  const id = newId('key');
  await act(operator, {}, async ({ client, at, audit }) => {
    const { scopes: granted, expires = null } = options;
    await client.query(
      `INSERT INTO api_keys (id, merchant_id, secret_sha256, scopes, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, merchantId, digestOfKey(key), granted, at, expires],
    );
    audit({
      action: 'keys create',
      subject: { kind: 'api_key', id },
      before: null,
      after: { merchant: options.merchant, scopes: granted, expires_at: expires },
    });
  });
  const words = `Key ${id} of "${options.merchant}" for ${options.scopes.join(', ')}.`;
  operator.remark(`${words} Shown only now:`);
  operator.print(key);
}

async function listKeys({ prisma, clock, print }: Operator): Promise<void> {
  const now = clock.now();
  const keys = await prisma.apiKey.findMany({
    orderBy: { id: 'asc' },
    omit: { secretSha256: true },
    include: { merchant: { select: { name: true } } },
  });
  const rows = keys.map((key) => [
    key.id,
    key.merchant.name,
    stateOf(key, now),
    key.scopes.join(','),
    shortTime(key.createdAt),
    shortTime(key.lastUsedAt),
    shortTime(key.expiresAt),
  ]);
  print(table(['ID', 'MERCHANT', 'STATE', 'SCOPES', 'CREATED', 'LAST USED', 'EXPIRES'], rows));
}

function stateOf(key: { revokedAt: Date | null; expiresAt: Date | null }, now: Date): string {
  if (key.revokedAt) return 'revoked';
  return key.expiresAt && key.expiresAt <= now ? 'expired' : 'active';
}

async function revokeKey(operator: Operator, id: string): Promise<void> {
  await act(operator, {}, async ({ client, at, audit }) => {
    const { rowCount } = await client.query(
      'UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL',
      [id, at],
    );
    if (rowCount === 0) throw new OperatorError(`There is no active key ${id}; see "keys list".`);
    audit({
      action: 'keys revoke',
      subject: { kind: 'api_key', id },
      before: { revoked_at: null },
      after: { revoked_at: at },
    });
  });
  operator.remark(`Key ${id} is revoked.`);
}
