// Where a process spent its time, from its CPU profiles: by function, and by the package the
// function belongs to.
/** The parts of a V8 CPU profile that are read. Times are microseconds. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly children?: readonly number[];
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A part of the busy time. */
export interface Share {
  readonly name: string;
  readonly ms: number;
  readonly share: number;
}

/** The largest shares, of functions by themselves and of their owners. */
export interface HotFunctions {
  readonly busyMs: number;
  readonly functions: readonly Share[];
  readonly owners: readonly Share[];
}

const US_PER_MS = 1000;
const NOT_WORK = new Set(['(idle)', '(root)']);

function shortUrl(url: string): string {
  const withoutHost = url.replace(/^file:\/\//, '');
  const inPackage = withoutHost.lastIndexOf('/node_modules/');
  if (inPackage >= 0) return withoutHost.slice(inPackage + '/node_modules/'.length);
  return /\/(?:dist|bench\/\.compiled|bench)\/(.*)$/.exec(withoutHost)?.[1] ?? withoutHost;
}

function ownerOf(url: string, name: string): string {
  if (url === '') return name.startsWith('(') ? name : '(native)';
  if (url.startsWith('node:')) return 'node';
  const short = shortUrl(url);
  const parts = short.split('/');
  if (/^(apps|libs|bare)\//.test(short))
    return parts[0] === 'bare' ? 'bare' : parts.slice(0, 2).join('/');
  return short.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? short);
}

type Sums = Map<string, number>;

function addTo(sums: Sums, name: string, us: number): void {
  sums.set(name, (sums.get(name) ?? 0) + us);
}

function largest(sums: Sums, count: number, totalUs: number): Share[] {
  return [...sums]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([name, us]) => ({ name, ms: us / US_PER_MS, share: us / totalUs }));
}

/**
 * Owner of each node: what the engine and Node do counts for the nearest package or app that called
 * them.
 */
function ownersById(nodes: CpuProfile['nodes']): Map<number, string> {
  const callers = new Map<number, number>();
  for (const { id, children = [] } of nodes) for (const child of children) callers.set(child, id);
  const owners = new Map(
    nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame.url, callFrame.functionName)]),
  );
  const isCalled = (owner: string | undefined) => owner === 'node' || owner === '(native)';
  return new Map(
    nodes.map(({ id }) => {
      let caller: number | undefined = id;
      while (caller !== undefined && isCalled(owners.get(caller))) caller = callers.get(caller);
      const owner = caller === undefined ? undefined : owners.get(caller);
      const own = owners.get(id) ?? '';
      return [id, owner === undefined || owner.startsWith('(') ? own : owner];
    }),
  );
}

/**
 * Sums self time over profiles of the inspector's `Profiler.stop`; `count` of each kind are
 * returned.
 */
export function hotFunctions(profiles: readonly CpuProfile[], count: number): HotFunctions {
  const functions: Sums = new Map();
  const owners: Sums = new Map();
  let busyUs = 0;
  for (const { nodes, samples, timeDeltas } of profiles) {
    const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
    const ownerById = ownersById(nodes);
    for (const [index, id] of samples.entries()) {
      const frame = byId.get(id);
      if (frame === undefined || NOT_WORK.has(frame.functionName)) continue;
      const { functionName, url, lineNumber } = frame;
      const us = timeDeltas[index] ?? 0;
      const place = url === '' ? '' : `  ${shortUrl(url)}:${lineNumber + 1}`;
      busyUs += us;
      addTo(functions, `${functionName || '(anonymous)'}${place}`, us);
      addTo(owners, ownerById.get(id) ?? '', us);
    }
  }
  return {
    busyMs: busyUs / US_PER_MS,
    functions: largest(functions, count, busyUs),
    owners: largest(owners, count, busyUs),
  };
}
