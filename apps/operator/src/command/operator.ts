// What a command works with, and how it is run.
import type { FourEyes, OperatorSession } from '@quittance/operations';
import type { Secret } from '@quittance/platform';
import type { KeySet } from '@quittance/vault';
import type { Pool } from 'pg';

/** The operator at work: one command with its connections and its settings. */
export interface Operator extends OperatorSession {
  readonly pool: Pool;
  /** Where the subscribers' queues are. `url` is undefined when no Redis is configured. */
  readonly queues: {
    readonly url: Secret<string> | undefined;
    readonly prefix: string;
    readonly subscribers: readonly string[];
  };
  /** Throws when no key set is configured. */
  readonly keys: () => KeySet;
  /** The file of the operator's own key set; undefined where it has none or is not a file. */
  readonly keyFile: string | undefined;
  /** How long after its end a payment may still get a callback, in milliseconds. */
  readonly callbackGraceMs: number;
  /** `TERMINAL_PRIVATE_KEY`. */
  readonly terminalKey: Secret<string> | undefined;
  /** The limits above which a second person is needed. */
  readonly fourEyes: FourEyes;
  /** Everything on stdin. */
  readonly stdin: () => Promise<string>;
  /** Writes a result to stdout: what a script reads. */
  readonly print: (text: string) => void;
  /** Writes a remark to stderr: what a person reads. */
  readonly remark: (text: string) => void;
}

/** Runs a command's work with the operator of this run. */
export type RunCommand = (work: (operator: Operator) => Promise<void>) => Promise<void>;
