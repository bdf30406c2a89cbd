// Reads one line of a batch as the body of a request, and has it accepted like a request of its
// own.
import { Injectable } from '@nestjs/common';
import { AccessDenied, InvalidRequest } from '@quittance/platform';
import { checkAgainst, HTTP_LIMITS, readJson } from '@quittance/server';
import type { MerchantCaller } from '../access/api-keys.js';
import { SignedIntents } from '../access/signed-intents.js';
import { IntakeCounter } from '../intake/intake-counter.js';
import { type Accepted, PaymentIntake } from '../intake/payment-intake.js';
import { signedLineSchema } from './batch.schema.js';
import type { SplitLine } from './line-splitter.js';

/** The caller of a batch. `ip` is canonical; `undefined` when unknown. */
export interface LineCaller {
  readonly caller: MerchantCaller;
  readonly ip: string | undefined;
  /** The trace of the call, to which each payment's own is linked. */
  readonly traceparent: string | undefined;
}

@Injectable()
export class LineIntake {
  constructor(
    private readonly paymentIntake: PaymentIntake,
    private readonly counter: IntakeCounter,
    private readonly signedIntents: SignedIntents,
  ) {}

  /**
   * Resolves with the body of a create request, not validated yet. Rejects with `payload_too_large`
   * (413), `unreadable_request` (400) and, where the key signs, with the faults of the signature.
   */
  async read(line: SplitLine, { caller }: LineCaller): Promise<unknown> {
    if (line === undefined) throw TOO_LONG;
    const value = readJson(line);
    return caller.signingKey ? this.#signedBody(value, caller) : value;
  }

  /** Accepts the payment that a line asks for. Fails as `PaymentIntake.accept` does. */
  accept(body: unknown, { caller, ip, traceparent }: LineCaller): Promise<Accepted> {
    const { merchantId } = caller;
    const line = { merchantId, body, callerIp: ip, isBulk: true, traceparent };
    const request = { ...line, kind: 'batch' as const };
    return this.counter.counted(this.paymentIntake.accept(request), 'batch');
  }

  async #signedBody(value: unknown, { keyId }: MerchantCaller): Promise<unknown> {
    const checked = checkAgainst(signedLineSchema, value);
    if (!checked.isValid) throw InvalidRequest.validationFailed(checked.faults);
    const { caller, body } = await this.signedIntents.open(checked.data.jws);
    if (caller.keyId !== keyId) throw OTHER_SIGNER;
    return body;
  }
}

const TOO_LONG = new InvalidRequest(
  'payload_too_large',
  `A line has at most ${HTTP_LIMITS.bodyBytes} bytes.`,
  { status: 413 },
);
const OTHER_SIGNER = new AccessDenied(
  'signature_invalid',
  'The line is signed with another key than the request.',
);
