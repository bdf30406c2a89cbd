// Admits the lines of batches one by one, as requests are admitted: within the limit of their key,
// and only while the key is valid. A call that lasts for hours must not outlive its key.
import { Injectable } from '@nestjs/common';
import { AccessDenied } from '@quittance/platform';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiKeys, type MerchantCaller } from '../access/api-keys.js';
import { RequestLimits } from '../access/limits/request-limits.js';

@Injectable()
export class LineAdmission {
  constructor(
    private readonly keys: ApiKeys,
    private readonly limits: RequestLimits,
  ) {}

  /**
   * Resolves when the key may send another line, which counts like a request. Rejects with
   * `unauthenticated` when the key has been revoked or has expired, and when `signal` aborts.
   */
  async admit(caller: MerchantCaller, signal: AbortSignal): Promise<void> {
    if (!(await this.keys.callerById(caller.keyId))) throw AccessDenied.unauthenticated();
    for (;;) {
      const waitMs = await this.limits.countPayment(caller);
      if (waitMs === 0) return;
      await pause(waitMs, undefined, { signal });
    }
  }
}
