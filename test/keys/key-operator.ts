// An operator's work with keys: the commands, and the resulting key files and rows.
import { sealedKids } from '@quittance/vault';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from 'pg';
import type { PaymentView } from '../support/clients.js';
import { operate } from '../../tools/stack/operator.js';
import type { StackSetup, TestStack } from '../support/processes.js';

/** The values of `--use`, and the list of a key set for each. */
const LISTS = { cards: 'cards', secrets: 'terminalSecrets', callbacks: 'callbackTokens' } as const;
export const USES = ['cards', 'secrets', 'callbacks'] as const;
export type Use = (typeof USES)[number];
/** A kid for each use. */
export type Kids = Readonly<Record<Use, string>>;

export class KeyOperator {
  readonly #setup: StackSetup;

  constructor(
    private readonly testStack: TestStack,
    private readonly pool: Pool,
    settings: Readonly<Record<string, string>> = {},
  ) {
    const { setup } = testStack;
    this.#setup = { ...setup, extra: { ...setup.extra, ...settings } };
  }

  /** The same operator, with other settings in the environment of the commands. */
  withSettings(settings: Readonly<Record<string, string>>): KeyOperator {
    return new KeyOperator(this.testStack, this.pool, settings);
  }

  /** Rotates every list, one after another; resolves with the kids that the commands print. */
  async rotateAll(): Promise<Kids> {
    const printed = await operate(
      this.#setup,
      USES.map((use) => ['keys', 'rotate', '--use', use]),
    );
    const [cards = '', secrets = '', callbacks = ''] = printed;
    return { cards, secrets, callbacks };
  }

  /** Destroys keys one after another; rejects with the message of the first failure. */
  async destroy(...kids: readonly string[]): Promise<void> {
    await operate(
      this.#setup,
      kids.map((kid) => ['keys', 'destroy', kid]),
    );
  }

  /** Pauses or resumes the submissions of a terminal. */
  async switchTerminal(verb: 'pause' | 'resume', name: string): Promise<void> {
    const { merchant } = this.testStack.merchant;
    const reason = verb === 'pause' ? ['--reason', 'holds stored cards'] : [];
    await operate(this.#setup, [['terminals', verb, name, '--merchant', merchant, ...reason]]);
  }

  /** The active kids in the worker's file. */
  active(): Kids {
    const set = JSON.parse(this.#file('worker')) as Record<string, { kid: string }[]>;
    const first = (use: Use) => set[LISTS[use]]?.[0]?.kid ?? '';
    return { cards: first('cards'), secrets: first('secrets'), callbacks: first('callbacks') };
  }

  /** All four key files, one after another. */
  files(): string {
    return ['api', 'worker', 'webhook', 'operator'].map((name) => this.#file(name)).join('\n');
  }

  /** The kids with which stored cards and the terminals' private keys are encrypted. */
  async kidsStored(): Promise<string[]> {
    const { rows } = await this.pool.query<{ sealed: string }>(
      `SELECT sealed_card AS sealed FROM payment_intents WHERE sealed_card IS NOT NULL
       UNION ALL SELECT sealed_private_key FROM terminals`,
    );
    return [...new Set(rows.flatMap(({ sealed }) => sealedKids(sealed)))];
  }

  /** The kids of the callback addresses of payments whose references begin with `prefix`. */
  async kidsOfAddresses(prefix: string): Promise<string[]> {
    const { rows } = await this.pool.query<{ callback_kid: string }>(
      `SELECT DISTINCT callback_kid FROM payment_intents WHERE starts_with(reference, $1)`,
      [prefix],
    );
    return rows.map(({ callback_kid: kid }) => kid);
  }

  /**
   * As if the ten minutes were over in which work begun with a retired key may still arrive
   * (docs/security.md "Rotation").
   */
  async letSettle(): Promise<void> {
    await this.pool.query(
      `UPDATE key_uses SET last_active_at = last_active_at - interval '11 minutes'`,
    );
  }

  /**
   * As if the minute were over after which the payments of a paused terminal are due again. Throws
   * while one of them is still queued: a worker that used the terminal's old state has delayed it
   * for another minute.
   */
  async sendHeld(payments: readonly PaymentView[]): Promise<void> {
    const { rows } = await this.pool.query<{ reference: string }>(
      `UPDATE payment_intents SET next_step_at = now() WHERE id = ANY($1) AND status = 'queued' RETURNING reference`,
      [payments.map(({ id }) => id)],
    );
    if (rows.length > 0) throw new Error(`${rows.length} payments are not sent yet`);
  }

  #file(name: string): string {
    return readFileSync(join(this.#setup.keyFolder, `${name}.json`), 'utf8');
  }
}
