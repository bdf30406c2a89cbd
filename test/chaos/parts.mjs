// The parts of a chaos run by name, in the order they are played.
import { clocksPart } from './clocks/part.mjs';
import { liesPart } from './gateway-lies/part.mjs';
import { killPart } from './kill-matrix/part.mjs';
import { placesPart } from './places/part.mjs';
import { postgresPart } from './postgres-restart/part.mjs';
import { redisPart } from './redis-loss/part.mjs';
import { rebuildPart } from './redis-loss/rebuild.mjs';
import { silentPostgresPart, silentRedisPart } from './silence/part.mjs';
import { stallPart } from './stall/part.mjs';
import { upgradePart } from './upgrade/part.mjs';
import { watchPart } from './watch/part.mjs';

/** @type {Record<string, import('./part.mjs').Part>} */
export const PARTS = {
  kill: killPart,
  stall: stallPart,
  redis: redisPart,
  rebuild: rebuildPart,
  postgres: postgresPart,
  'silent-postgres': silentPostgresPart,
  'silent-redis': silentRedisPart,
  clocks: clocksPart,
  places: placesPart,
  lies: liesPart,
  upgrade: upgradePart,
  watch: watchPart,
};
