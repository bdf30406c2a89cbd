import type { Contract } from '../requests/contract.mjs';

export declare function answerProblems(
  contract: Contract,
  request: {
    readonly operation?: object | undefined;
    readonly isHead?: boolean;
    readonly mayBeCut?: boolean;
    readonly mustBeRefused?: string | undefined;
  },
  answer: {
    readonly ended: 'answered' | 'cut' | 'late';
    readonly ms: number;
    readonly status?: number;
    readonly type?: string;
    readonly text?: string;
  },
): string[];
