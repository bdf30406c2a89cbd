// How a command is run: the same way for all of them, given by main.
import type { Operator } from './operator.js';

export type RunCommand = (work: (operator: Operator) => Promise<void>) => Promise<void>;
