import type { DeadJob, TalkativeStack } from './drive.mjs';

export interface Plant {
  readonly where: string;
  /** The name of the place in which it has to be found. */
  readonly in: RegExp;
  hide(text: string): unknown;
}

export declare function plantsFor(stack: TalkativeStack, deadJob: DeadJob): readonly Plant[];

export declare function removePlants(stack: TalkativeStack): void;
