// `keys create|list|revoke`: API keys. A key is shown once, when it is created; only its digest is
// stored. `keys rotate|destroy` are in key-rotation/.
import {
  isScope,
  merchantScopes,
  opsScopes,
  parseSigningKey,
  type Scope,
  scopes,
} from '@quittance/api-keys';
import { type Command, InvalidArgumentError } from 'commander';
import { existsSync, readFileSync } from 'node:fs';
import { act, OperatorError } from '@quittance/operations';
import { createKey, type NewKey } from './create-key.js';
import { parseEnd } from '../command/times.js';
import type { Operator, RunCommand } from '../command/operator.js';
import { shortTime } from '../command/table.js';

/** Returns the command `keys`, to which the key rotation adds its subcommands. */
export function addKeyCommands(program: Command, run: RunCommand): Command {
  const keys = program.command('keys').description('API keys, and the keys of the key sets');
  keys
    .command('create')
    .description('create a key; prints it once, alone on stdout')
    .option(
      '--merchant <name>',
      `merchant that owns it, with the scopes ${merchantScopes.join(',')}`,
    )
    .option(
      '--ops [name]',
      `or its holder at the operator (default: you), with the scopes ${opsScopes.join(',')}`,
    )
    .requiredOption('--scopes <list>', 'its scopes, separated by commas', parseScopes)
    .option('--expires <when>', 'its expiry: 90d, 12h, 2027-01-31 or 2027-01-31T12:00Z', parseEnd)
    .option(
      '--public-key <key>',
      'require signed requests: an Ed25519 public key, as a PEM file or 32 bytes in base64',
      parsePublicKey,
    )
    .option(
      '--rate <number>',
      'most requests per second, instead of KEY_REQUESTS_PER_SECOND',
      parseRate,
    )
    .action((options: NewKey) => run((operator) => createKey(operator, options)));
  keys
    .command('list')
    .description('list all keys, without their secrets')
    .action(() => run(listKeys));
  keys
    .command('revoke <id>')
    .description('revoke a key; running processes notice within 5 seconds')
    .action((id: string) => run((operator) => revokeKey(operator, id)));
  return keys;
}

function parseScopes(list: string): Scope[] {
  const wanted = [...new Set(list.split(',').map((scope) => scope.trim()))];
  const unknown = wanted.filter((scope) => !isScope(scope));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(`Scopes are ${scopes.join(', ')}, separated by commas.`);
  }
  return wanted.filter(isScope);
}

/** Parses a number of requests per second. */
function parseRate(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) {
    throw new InvalidArgumentError('A rate is a whole number of requests per second, at least 1.');
  }
  return Number(text);
}

function parsePublicKey(text: string): Buffer {
  const key = parseSigningKey(existsSync(text) ? readFileSync(text, 'utf8') : text);
  if (!key) {
    throw new InvalidArgumentError(
      'Expected an Ed25519 public key: a PEM file (openssl pkey -pubout) or 32 bytes in base64.',
    );
  }
  return key;
}

async function listKeys({ prisma, clock, output }: Operator): Promise<void> {
  const now = clock.now();
  const keys = await prisma.apiKey.findMany({
    orderBy: { id: 'asc' },
    omit: { secretSha256: true },
    include: { merchant: { select: { name: true } } },
  });
  output.list({
    rows: keys,
    columns: {
      ID: ({ id }) => id,
      OWNER: ({ merchant, holder }) => merchant?.name ?? `operator: ${holder}`,
      STATE: (key) => stateOf(key, now),
      SCOPES: ({ scopes: granted }) => granted.join(','),
      CREATED: ({ createdAt }) => shortTime(createdAt),
      'LAST USED': ({ lastUsedAt }) => shortTime(lastUsedAt),
      EXPIRES: ({ expiresAt }) => shortTime(expiresAt),
      SIGNED: ({ signingPublicKey }) => (signingPublicKey ? 'yes' : 'no'),
      'PER SECOND': ({ requestsPerSecond }) => requestsPerSecond?.toString() ?? '',
    },
    json: (key) => ({
      id: key.id,
      merchant: key.merchant?.name ?? null,
      holder: key.holder,
      state: stateOf(key, now),
      scopes: key.scopes,
      created_at: key.createdAt,
      last_used_at: key.lastUsedAt,
      expires_at: key.expiresAt,
      is_signed: key.signingPublicKey !== null,
      requests_per_second: key.requestsPerSecond,
    }),
    none: 'There are no keys; see "keys create".',
  });
}

function stateOf(key: { revokedAt: Date | null; expiresAt: Date | null }, now: Date): string {
  if (key.revokedAt) return 'revoked';
  return key.expiresAt && key.expiresAt <= now ? 'expired' : 'active';
}

async function revokeKey(operator: Operator, id: string): Promise<void> {
  await act(operator, {}, async ({ tx, at, audit }) => {
    const { count } = await tx.apiKey.updateMany({
      where: { id, revokedAt: null },
      data: { revokedAt: at },
    });
    if (count === 0) throw new OperatorError(`There is no active key ${id}; see "keys list".`);
    audit({
      action: 'keys revoke',
      subject: { kind: 'api_key', id },
      before: { revoked_at: null },
      after: { revoked_at: at },
    });
  });
  operator.output.remark(`Key ${id} is revoked.`);
}
