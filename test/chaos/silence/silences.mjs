// What the parts about silent servers have in common, and the silences that every kind of server knows.

/**
 * @typedef {object} Broken what a silence is made of
 * @property {Record<string, import('../front.mjs').Front>} fronts between each app and the server
 * @property {import('../stack/servers.ts').ChaosPostgres | import('../stack/servers.ts').ChaosRedis} server
 *
 * @typedef {object} Silence
 * @property {string} name completes "Postgres is ..."
 * @property {boolean} [isShort] belongs to the short run too
 * @property {number} lastsMs until it is ended; with 0 it may be over before anybody notices
 * @property {(broken: Broken) => unknown} begin
 * @property {(broken: Broken) => unknown} [end]
 *
 * @typedef {object} Dependency
 * @property {string} name as `/readyz` says it
 * @property {string} title
 * @property {Record<string, string>} apps that use it, and the setting that says where it is
 * @property {readonly Silence[]} silences
 * @property {Set<string>} answers that callers may get meanwhile
 * @property {(context: import('../part.mjs').Context) => Promise<object>} start the servers of the part's own
 * @property {(stack: object, setting: string) => string} urlOf
 */

export const FROZEN_FOR_MS = 10_000;
export const REFUSING_FOR_MS = 5_000;

const halfOpen = (name, apps, isShort) => ({
  name,
  isShort,
  lastsMs: 0,
  begin: ({ fronts }) => {
    for (const app of apps) fronts[app].silence();
  },
});

/** @returns {Silence[]} under all at once, then under each alone */
export function halfOpenUnder(apps) {
  return [
    halfOpen('half-open under all', apps, true),
    ...apps.map((app) => halfOpen(`half-open under ${app}`, [app], false)),
  ];
}

/**
 * What was the primary follows another one and answers as before, but takes no writes. The name leads to it for a while, then to the
 * new primary, and no connection is cut by that.
 * @type {Silence}
 */
export const failedOver = {
  name: 'failed over, its name late by 5 s',
  isShort: true,
  lastsMs: REFUSING_FOR_MS,
  begin: async (broken) => {
    broken.server = await broken.server.failOver();
  },
  end: ({ fronts, server }) => {
    for (const front of Object.values(fronts)) front.leadTo([{ port: server.port }]);
  },
};
