// The resources and settings of a running command.
import type { ActingOperator, ReplayingOperator } from '@quittance/operations';
import type { Secret } from '@quittance/platform';
import type { KeySet } from '@quittance/vault';
import type { Output } from './output.js';
import type { ConfiguredQueues } from './redis.js';

/** An operator running one command, with its connections and settings. */
export interface Operator extends ActingOperator, ReplayingOperator {
  readonly queues: ConfiguredQueues;
  /** Returns the key set. Throws when none is configured. */
  readonly keys: () => KeySet;
  /**
   * The path of the operator's key set; undefined when it has none or the key set is not a file.
   */
  readonly keyFile: string | undefined;
  /** The time after a payment's end in which a callback may still arrive, in milliseconds. */
  readonly callbackGraceMs: number;
  /** `TERMINAL_PRIVATE_KEY`. */
  readonly terminalKey: Secret<string> | undefined;
  /** Reads all of stdin. */
  readonly stdin: () => Promise<string>;
  readonly output: Output;
}

/** Runs the work of a command as the current operator. */
export type RunCommand = (work: (operator: Operator) => Promise<void>) => Promise<void>;
