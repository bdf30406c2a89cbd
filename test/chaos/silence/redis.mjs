// How Redis can be there and not do its work, and what ends that.
import { FROZEN_FOR_MS, failedOver, halfOpenUnder, REFUSING_FOR_MS } from './silences.mjs';

const APPS = {
  api: 'REDIS_URL',
  worker: 'REDIS_URL',
  webhook: 'REDIS_URL',
  orders: 'REDIS_URL',
};

/** Refuses to write because of a setting. */
const refusing = (name, setting, value, usual) => ({
  name: `${name} for 5 s`,
  lastsMs: REFUSING_FOR_MS,
  begin: ({ server }) => server.command('CONFIG', 'SET', setting, value),
  end: ({ server }) => server.command('CONFIG', 'SET', setting, usual),
});

/** @type {readonly import('./silences.mjs').Silence[]} */
const SILENCES = [
  ...halfOpenUnder(Object.keys(APPS)),
  {
    name: 'frozen for 10 s',
    lastsMs: FROZEN_FOR_MS,
    begin: ({ server }) => server.freeze(),
    end: ({ server }) => server.thaw(),
  },
  refusing('without its replicas', 'min-replicas-to-write', '1', '0'),
  { ...refusing('out of memory', 'maxmemory', '1', '0'), isShort: true },
  failedOver,
];

/** @type {import('./silences.mjs').Dependency} */
export const REDIS = {
  name: 'redis',
  title: 'Redis',
  apps: APPS,
  silences: SILENCES,
  // Nothing about money is decided in Redis: intake does not notice.
  answers: new Set(['accepted']),
  start: async () => ({ servers: {} }),
  urlOf: ({ setup }) => setup.redisUrl,
};
