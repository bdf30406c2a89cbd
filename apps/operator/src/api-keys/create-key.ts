// `keys create`: creates an API key for a merchant or for the operator. The queue board shows every
// merchant's jobs, so only the operator's keys have its scopes; the database rejects any other key
// with them.
import { digestOfKey, isOpsScope, newApiKey, type Scope } from '@quittance/api-keys';
import { isOperator } from '@quittance/persistence';
import { newId } from '@quittance/platform';
import { act, type ActionContext, checkName, OperatorError } from '@quittance/operations';
import type { KeyEnd } from '../command/times.js';
import { findMerchant } from '../merchants/merchants.js';
import type { Operator } from '../command/operator.js';
import { shortTime } from '../command/table.js';

/** The options of `keys create`. */
export interface NewKey {
  /** The name of the key's merchant. */
  readonly merchant?: string;
  /**
   * The key's holder at the operator, instead of a merchant; `true` for the person who creates it.
   */
  readonly ops?: string | true;
  readonly scopes: readonly Scope[];
  readonly expires?: KeyEnd;
  /** 32 bytes, Ed25519. */
  readonly publicKey?: Buffer;
  /** Requests per second. */
  readonly rate?: number;
}

/** The owner of a key, as stored and as displayed. */
interface Owner {
  readonly merchantId: string | null;
  readonly holder: string | null;
  readonly named: string;
}

/**
 * Creates a key and prints it once. Throws {@link OperatorError} when owner and scopes do not
 * match; nothing is stored then.
 */
export async function createKey(operator: Operator, options: NewKey): Promise<void> {
  const now = operator.clock.now();
  const expiresAt = options.expires?.(now) ?? null;
  if (expiresAt && expiresAt <= now) {
    throw new OperatorError('The key would expire before it is created.');
  }
  checkScopes(options);
  const key = newApiKey();
  const id = newId('key');
  const { scopes: granted, publicKey = null, rate = null } = options;
  const owner = await act(operator, {}, async (acting) => {
    const found = await ownerOf(operator, acting, options);
    const { merchantId, holder } = found;
    await acting.tx.apiKey.create({
      data: {
        id,
        merchantId,
        holder,
        secretSha256: Uint8Array.from(digestOfKey(key)),
        scopes: [...granted],
        createdAt: acting.at,
        expiresAt,
        signingPublicKey: publicKey && Uint8Array.from(publicKey),
        requestsPerSecond: rate,
      },
      select: { id: true },
    });
    acting.audit({
      action: 'keys create',
      subject: { kind: 'api_key', id },
      before: null,
      after: {
        ...(holder === null ? { merchant: options.merchant } : { holder }),
        scopes: granted,
        expires_at: expiresAt,
        is_signed: publicKey !== null,
        requests_per_second: rate,
      },
    });
    return found;
  });
  const terms = [
    granted.join(', '),
    ...(expiresAt ? [`until ${shortTime(expiresAt)}`] : []),
    ...(publicKey ? ['with signed requests only'] : []),
  ];
  operator.output.remark(
    `Key ${id} of ${owner.named} for ${terms.join(', ')}. It is shown only once:`,
  );
  operator.output.result(key, { id, key, scopes: granted, expires_at: expiresAt });
}

function checkScopes({ merchant, ops, scopes }: NewKey): void {
  if ((merchant === undefined) === (ops === undefined)) {
    throw new OperatorError(
      'Name the owner: --merchant <name>, or --ops for a key of the operator.',
    );
  }
  const isOps = ops !== undefined;
  const misplaced = scopes.filter((scope) => isOpsScope(scope) !== isOps);
  if (misplaced.length === 0) return;
  throw new OperatorError(
    isOps
      ? `A key of the operator belongs to no merchant and cannot have ${misplaced.join(', ')}; create another with --merchant.`
      : `A merchant's key cannot have ${misplaced.join(', ')}, which shows every merchant's payments; create another with --ops.`,
  );
}

async function ownerOf(
  operator: Operator,
  { tx, who }: ActionContext,
  { merchant, ops }: NewKey,
): Promise<Owner> {
  if (merchant !== undefined) {
    const { id: merchantId } = await findMerchant(operator, merchant);
    return { merchantId, holder: null, named: `"${merchant}"` };
  }
  const holder = typeof ops === 'string' ? checkName(ops, '--ops') : who;
  // The audit records the key's actions on the board under its holder's name.
  if (holder !== who && (await isOperator(tx, holder))) {
    throw new OperatorError(
      `"${holder}" is an operator and must create the key in person, with --ops alone.`,
    );
  }
  return { merchantId: null, holder, named: `the operator, held by "${holder}",` };
}
