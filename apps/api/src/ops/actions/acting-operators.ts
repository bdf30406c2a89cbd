// Turns the caller of a request into an operator who acts: the same actions as the CLI's, with the
// caller's session as the proof.
import { Injectable } from '@nestjs/common';
import { failedSets } from '@quittance/events';
import { EventSettings } from '@quittance/modules';
import {
  type ApprovingOperator,
  checkEvidence,
  type FailedSets,
  type Identify,
  OperatorError,
} from '@quittance/operations';
import { OperatorSessions, PrismaService } from '@quittance/persistence';
import { Clock, Unavailable } from '@quittance/platform';
import { RedisConnections, RedisSettings } from '@quittance/queues';
import { Pool } from 'pg';
import { z } from 'zod';
import { ActionSettings } from '../../config.js';
import type { OpsCaller } from '../sign-in/ops-caller.js';

const TEXT_LENGTH_MAX = 1_000;

/** A text that is stored for ever: one line without a card number. */
export const storedText = z
  .string()
  .max(TEXT_LENGTH_MAX)
  .superRefine((text, context) => {
    try {
      checkEvidence(text, 'The text');
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });

/** The body of an action without evidence of its own. */
export const reasonSchema = z
  .strictObject({
    why: storedText.optional().meta({
      description: 'The reason, stored in the audit. Required where OPERATOR_WHY_REQUIRED is set.',
    }),
  })
  .meta({ description: 'The reason of an action.' });

/** The result of an action. */
export const actionDoneSchema = z
  .object({ done: z.string().meta({ description: 'What was done, or proposed, for a person.' }) })
  .meta({ description: 'The result of an action.' });

@Injectable()
export class ActingOperators {
  constructor(
    private readonly prisma: PrismaService,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly sessions: OperatorSessions,
    private readonly settings: ActionSettings,
    private readonly redis: RedisConnections,
    private readonly redisSettings: RedisSettings,
    private readonly events: EventSettings,
  ) {}

  /** Returns the caller as an operator, with a reason if there is one. */
  of(caller: OpsCaller, why?: string): ApprovingOperator {
    const { isWhyRequired, ...fourEyes } = this.settings;
    return {
      prisma: this.prisma,
      pool: this.pool,
      clock: this.clock,
      identify: this.#identify(caller),
      why,
      isWhyRequired,
      fourEyes,
      subscribers: this.events.subscribers,
      withFailedSets: (work) => this.withFailedSets(work),
    };
  }

  /** Runs `work` with the subscribers' failed sets. Throws `unavailable` (503) without Redis. */
  async withFailedSets<T>(work: (sets: FailedSets) => Promise<T>): Promise<T> {
    await this.requireRedis();
    const { prefix } = this.redisSettings;
    return work(failedSets({ connection: this.redis.producer, prefix }));
  }

  /** Throws `unavailable` (503) while Redis is unavailable. */
  async requireRedis(): Promise<void> {
    await this.redis.check().catch((cause: unknown) => {
      throw new Unavailable('unavailable', 'Redis is unavailable; nothing was done.', { cause });
    });
  }

  #identify({ name: who, rights, isRegistered, proof }: OpsCaller): Identify {
    return async (tx) => {
      if (proof.kind === 'session' && !(await this.sessions.lock(tx, proof.tokenSha256))) {
        throw new OperatorError('The session is over; sign in again.');
      }
      return { who, rights, isRegistered };
    };
  }
}
