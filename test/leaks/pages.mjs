// What the apps show to whoever looks after them: metrics, health, documents, the queue board with every job, and orders.
const BOARD = '/ops/queues';
/** An order that the gateway said everything about. */
const ORDER = '/orders/sealed-main';

async function pageOf(url, app, path, headers = {}) {
  const response = await fetch(url + path, { headers });
  const bytes = Buffer.from(await response.arrayBuffer());
  // The sandbox plays the gateway, which has no metrics; a page of ours that is not there was not looked at.
  if (!response.ok && app !== 'sandbox') throw new Error(`${app} ${path}: ${response.status}`);
  return { name: `page of ${app}: ${path}`, bytes };
}

/** Every queue in every state, and every job that is still there with its log. */
async function boardOf({ urls, opsKey }) {
  const headers = { authorization: `Bearer ${opsKey}` };
  const page = (path) => pageOf(urls.api, 'api', BOARD + path, headers);
  const json = ({ bytes }) => JSON.parse(bytes.toString());
  const all = await page('/api/queues?activeQueue=&status=latest&page=1');
  const pages = [await page(''), all, await page('/api/redis/stats')];
  for (const { name, statuses } of json(all).queues) {
    for (const status of statuses) {
      const query = `activeQueue=${name}&status=${status}&page=1&jobsPerPage=1000`;
      const listed = await page(`/api/queues?${query}`);
      pages.push(listed);
      const { jobs } = json(listed).queues.find((queue) => queue.name === name);
      if (status !== 'failed') continue;
      for (const { id } of jobs)
        pages.push(
          await page(`/api/queues/${name}/${id}`),
          await page(`/api/queues/${name}/${id}/logs`),
        );
    }
  }
  return pages;
}

/**
 * @param {import('../chaos/stack/chaos-stack.ts').ChaosStack} stack
 * @returns {Promise<import('./search.mjs').Place[]>} named `page of <app>: <path>`
 * @throws when a page of ours does not answer with 2xx
 */
export async function pagesOf(stack) {
  const { urls } = stack;
  const everywhere = Object.entries(urls).flatMap(([app, url]) =>
    ['/metrics', '/readyz', '/livez'].map((path) => pageOf(url, app, path)),
  );
  return [
    ...(await Promise.all(everywhere)),
    await pageOf(urls.api, 'api', '/openapi.json'),
    await pageOf(urls.api, 'api', '/.well-known/jwks.json'),
    await pageOf(urls.orders, 'orders', ORDER),
    ...(await boardOf(stack)),
  ];
}
