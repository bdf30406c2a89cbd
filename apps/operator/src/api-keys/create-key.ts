// `keys create`: an API key of a merchant, or of the operator. The queue board shows every
// merchant's jobs, so its scopes are the operator's alone; the database refuses any other key with
// them, too.
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
  /** The name of the merchant it belongs to. */
  readonly merchant?: string;
  /** Instead of a merchant: who of the operator has it, `true` for whoever makes it. */
  readonly ops?: string | true;
  readonly scopes: readonly Scope[];
  readonly expires?: KeyEnd;
  /** 32 bytes, Ed25519. */
  readonly publicKey?: Buffer;
  /** Requests a second. */
  readonly rate?: number;
}

/** Whose key it is, as it is stored and as people read it. */
interface Owner {
  readonly merchantId: string | null;
  readonly holder: string | null;
  readonly named: string;
}

/**
 * Makes a key and prints it once. Throws {@link OperatorError} when owner and scopes do not belong
 * together; nothing is stored then.
 */
export async function createKey(operator: Operator, options: NewKey): Promise<void> {
  const now = operator.clock.now();
  const expiresAt = options.expires?.(now) ?? null;
  if (expiresAt && expiresAt <= now) {
    throw new OperatorError('The key would have expired before it is made.');
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
  operator.remark(`Key ${id} of ${owner.named} for ${terms.join(', ')}. Shown only now:`);
  operator.print(key);
}

function checkScopes({ merchant, ops, scopes }: NewKey): void {
  if ((merchant === undefined) === (ops === undefined)) {
    throw new OperatorError(
      'Name the owner: --merchant <name>, or --ops for a key of the operator.',
    );
  }
  const isOps = ops !== undefined;
  const strange = scopes.filter((scope) => isOpsScope(scope) !== isOps);
  if (strange.length === 0) return;
  throw new OperatorError(
    isOps
      ? `A key of the operator belongs to no merchant and cannot have ${strange.join(', ')}; make another with --merchant.`
      : `A merchant's key cannot have ${strange.join(', ')}, which shows every merchant's payments; make another with --ops.`,
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
  // What a key does at the board is in the audit under its holder's name.
  if (holder !== who && (await isOperator(tx, holder))) {
    throw new OperatorError(`"${holder}" is an operator, and makes their own key: --ops alone.`);
  }
  return { merchantId: null, holder, named: `the operator, held by "${holder}",` };
}
