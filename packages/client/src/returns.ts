// Verifies the status that a payer brings back to the shop (`return_page`): a JWT that the API
// signed with Ed25519 (RFC 7519, RFC 8037).
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import type { components } from './api.js';
import { InvalidReturnError } from './problems.js';
import type { PublishedKeys } from './published-keys.js';

/** A payment as it was when the payer came back. */
export interface ReturnedPayment {
  readonly id: string;
  readonly reference: string;
  readonly order_id: string | null;
  readonly status: components['schemas']['PaymentIntent']['status'];
  readonly version: number;
  readonly amount: string;
  readonly currency: string;
  readonly livemode: boolean;
}

export interface VerifyReturnOptions {
  /**
   * Your merchant's id, `mer_…`, as in `data.merchant` of your events. The token of another
   * merchant's payment is invalid.
   */
  readonly merchant: string;
  readonly signal?: AbortSignal;
}

/** The clocks of two hosts differ. */
const CLOCK_TOLERANCE_SECONDS = 30;

/** Verifies the query of a request to `return_url`; see `PaymentsClient.verifyReturn`. */
export async function verifyReturn(
  url: string | URL,
  { merchant, signal }: VerifyReturnOptions,
  published: PublishedKeys,
): Promise<ReturnedPayment> {
  const query = queryOf(url);
  const [token, ...others] = query.getAll('status_token');
  if (token === undefined || others.length > 0)
    throw new InvalidReturnError('The query must have one status_token.');
  const verify = async () => {
    const keys = (await published.keys(signal)).filter(({ use }) => use === 'sig');
    return jwtVerify(token, createLocalJWKSet({ keys }), {
      audience: merchant,
      typ: 'payment-return+jwt',
      algorithms: ['EdDSA'],
      requiredClaims: ['sub', 'exp', 'iat'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
  };
  try {
    const { payload } = await verify().catch((error: unknown) => {
      // A key may have been added since the keys were read.
      if (error instanceof errors.JWKSNoMatchingKey && published.forgetOld()) return verify();
      throw error;
    });
    const { sub = '', reference, order_id, status, version, amount, currency, livemode } = payload;
    return {
      id: sub,
      reference,
      order_id,
      status,
      version,
      amount,
      currency,
      livemode,
    } as ReturnedPayment;
  } catch (error) {
    if (error instanceof errors.JOSEError)
      throw new InvalidReturnError(`The status_token is invalid: ${error.message}`);
    throw error;
  }
}

function queryOf(url: string | URL): URLSearchParams {
  try {
    // A server sees the path and the query alone.
    return new URL(url, 'https://shop.invalid').searchParams;
  } catch {
    throw new InvalidReturnError('The address cannot be read.');
  }
}
