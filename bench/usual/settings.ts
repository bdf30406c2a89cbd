// The settings of this process, and numbers that are the same as those of the versions by hand.
import type { Settings } from '../processes.js';

export const settings = JSON.parse(process.env['SETTINGS'] ?? '') as Settings;

/** Jobs in flight at once in a process. BullMQ's default is one. */
export const CONCURRENCY = 64;
/** Connections to Postgres of a process. */
export const CONNECTIONS = 16;
