// Where a process spent its time, from its CPU profiles: by function, and by the package the function belongs to.
const US_PER_MS = 1000;
const NOT_WORK = new Set(['(idle)', '(root)']);

function shortUrl(url) {
  const withoutHost = url.replace(/^file:\/\//, '');
  const inPackage = withoutHost.lastIndexOf('/node_modules/');
  if (inPackage >= 0) return withoutHost.slice(inPackage + '/node_modules/'.length);
  const inClone = /\/(dist|bench)\/(.*)$/.exec(withoutHost);
  return inClone ? inClone[2] : withoutHost;
}

function ownerOf(url, name) {
  if (url === '') return name.startsWith('(') ? name : '(native)';
  if (url.startsWith('node:')) return 'node';
  const short = shortUrl(url);
  const parts = short.split('/');
  if (/^(apps|libs|bare)\//.test(short))
    return parts[0] === 'bare' ? 'bare' : parts.slice(0, 2).join('/');
  return short.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}

function addTo(sums, name, us) {
  sums.set(name, (sums.get(name) ?? 0) + us);
}

function largest(sums, count, totalUs) {
  return [...sums]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([name, us]) => ({ name, ms: us / US_PER_MS, share: us / totalUs }));
}

/** Owner of each node: what the engine and Node do counts for the nearest package or app that called them. */
function ownersById(nodes) {
  const callers = new Map();
  for (const { id, children = [] } of nodes) for (const child of children) callers.set(child, id);
  const owners = new Map(
    nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame.url, callFrame.functionName)]),
  );
  const isNobodys = (owner) => owner === 'node' || owner === '(native)';
  return new Map(
    nodes.map(({ id }) => {
      let caller = id;
      while (caller !== undefined && isNobodys(owners.get(caller))) caller = callers.get(caller);
      const owner = owners.get(caller);
      return [id, owner === undefined || owner.startsWith('(') ? owners.get(id) : owner];
    }),
  );
}

/**
 * Sums self time, of functions by themselves and of their owners.
 * @param {object[]} profiles of the inspector's `Profiler.stop`
 * @param {number} count how many of each to return
 * @returns {{ busyMs: number, functions: object[], owners: object[] }} each entry `{ name, ms, share }` of the busy time
 */
export function hotFunctions(profiles, count) {
  const functions = new Map();
  const owners = new Map();
  let busyUs = 0;
  for (const { nodes, samples, timeDeltas } of profiles) {
    const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
    const ownerById = ownersById(nodes);
    for (const [index, id] of samples.entries()) {
      const { functionName, url, lineNumber } = byId.get(id);
      if (NOT_WORK.has(functionName)) continue;
      const us = timeDeltas[index];
      const place = url === '' ? '' : `  ${shortUrl(url)}:${lineNumber + 1}`;
      busyUs += us;
      addTo(functions, `${functionName || '(anonymous)'}${place}`, us);
      addTo(owners, ownerById.get(id), us);
    }
  }
  return {
    busyMs: busyUs / US_PER_MS,
    functions: largest(functions, count, busyUs),
    owners: largest(owners, count, busyUs),
  };
}
