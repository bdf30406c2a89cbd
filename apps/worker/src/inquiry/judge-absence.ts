// Whether "not found" is an answer this time. A terminal has to have opted in, and the probe has to prove that it works: a
// deployment that does not honour `unique_reference` finds nothing, whatever it holds (protocol §11).
import { Injectable } from '@nestjs/common';
import { GatewayClient } from '@quittance/gateway';
import { absenceCounts, type InquiryAnswer, type Payment } from '@quittance/payments';
import { DoubtInquiries, type Terminal } from '@quittance/persistence';
import type { Asked } from './ask-gateway.js';

/** What an inquiry about a payment in doubt is kept as. */
export interface Judged {
  readonly answer: InquiryAnswer;
  /** Why an absence that was due did not count. */
  readonly remark: string | null;
}

@Injectable()
export class JudgeAbsence {
  constructor(
    private readonly doubts: DoubtInquiries,
    private readonly gateway: GatewayClient,
  ) {}

  /** The answer as it is, or `absent` in place of a "not found" that counts. */
  async judge(
    payment: Payment,
    terminal: Terminal,
    { strategy, answer, askedAt }: Asked & { readonly askedAt: Date },
  ): Promise<Judged> {
    const asIs = { answer, remark: null };
    const { absentAfterMs } = terminal;
    const isProbe = strategy === 'probe';
    if (!isProbe || answer.kind !== 'notFound' || absentAfterMs === null) return asIs;
    const { asked, replyDueAt } = await this.doubts.absenceFacts(payment.id);
    const withThis = [...asked, { askedAt, isProbe, answer: answer.kind }];
    if (!absenceCounts({ asked: withThis, replyDueAt, absentAfterMs })) return asIs;
    return (await this.#isProbeProven(payment, terminal))
      ? { answer: { kind: 'absent' }, remark: null }
      : { answer, remark: 'probe_not_proven' };
  }

  /** The probe sees a payment of this terminal that the gateway is known to hold. */
  async #isProbeProven(payment: Payment, terminal: Terminal): Promise<boolean> {
    const reference = await this.doubts.knownReference(terminal.id, payment.id);
    if (reference === undefined) return false;
    const { kind } = await this.gateway.probe(terminal, reference, terminal.publicKey);
    return kind === 'existsWithoutDetails';
  }
}
