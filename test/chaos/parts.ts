// The parts of a chaos run by name, in the order they run.
import { liesPart } from './gateway-lies/part.js';
import { SHORT_CASES } from './kill-matrix/cases.js';
import { killPart } from './kill-matrix/part.js';
import type { Scale } from './part.js';
import { clocksPart } from './parts/clocks.js';
import { inquiryBacklogPart } from './parts/inquiry-backlog.js';
import { postgresRestartPart } from './parts/postgres-restart.js';
import { queueRebuildPart } from './parts/queue-rebuild.js';
import { redisFailoverPart } from './parts/redis-failover.js';
import { redisLossPart } from './parts/redis-loss.js';
import { refusingGatewayPart } from './parts/refusing-gateway.js';
import { rollingRestartPart } from './parts/rolling-restart.js';
import { silentGatewayPart } from './parts/silent-gateway.js';
import { stallPart } from './parts/stall.js';
import { silentPostgresPart, silentRedisPart } from './silent-servers/part.js';

export const PARTS = {
  kill: killPart,
  stall: stallPart,
  redis: redisLossPart,
  failover: redisFailoverPart,
  rebuild: queueRebuildPart,
  postgres: postgresRestartPart,
  'silent-postgres': silentPostgresPart,
  'silent-redis': silentRedisPart,
  clocks: clocksPart,
  places: silentGatewayPart,
  refuses: refusingGatewayPart,
  lies: liesPart,
  upgrade: rollingRestartPart,
  watch: inquiryBacklogPart,
} as const;

export type PartName = keyof typeof PARTS;

/** `npm test`: less of each part. */
export const SHORT: Scale = {
  isShort: true,
  stacks: 1,
  cases: SHORT_CASES,
  payments: 100,
  open: 2_000,
  watched: 5_000,
};
