import { hotFunctions, type CpuProfile } from './hot-functions.js';

const frame = (functionName: string, url: string, lineNumber = 0) => ({
  functionName,
  url,
  lineNumber,
});

const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(idle)', '') },
    { id: 2, callFrame: frame('(garbage collector)', '') },
    { id: 3, callFrame: frame('accept', 'file:///clone/dist/apps/api/src/intake/accept.js', 9) },
    { id: 4, callFrame: frame('query', 'file:///clone/node_modules/pg/lib/client.js', 99) },
    { id: 5, callFrame: frame('get', 'file:///clone/node_modules/@nestjs/core/a.js') },
    { id: 6, callFrame: frame('writev', '') },
    { id: 7, callFrame: frame('emit', 'node:events', 4) },
    { id: 8, callFrame: frame('submit', 'file:///clone/bench/bare/worker.mjs', 1) },
  ],
  samples: [1, 2, 3, 3, 4, 5, 6, 7, 8],
  timeDeltas: [5000, 1000, 1000, 2000, 1500, 900, 800, 700, 600],
};

describe('hot functions', () => {
  it('count busy time only, the largest first', () => {
    const { busyMs, functions } = hotFunctions([profile], 2);
    expect(busyMs).toBe(8.5);
    expect(functions.map(({ name }) => name)).toEqual([
      'accept  apps/api/src/intake/accept.js:10',
      'query  pg/lib/client.js:100',
    ]);
    expect(functions[0]).toMatchObject({ ms: 3, share: 3 / 8.5 });
  });

  it('belong to a package, an app, Node or the engine', () => {
    const { owners } = hotFunctions([profile], 20);
    expect(owners.map(({ name }) => name)).toEqual([
      'apps/api',
      'pg',
      '(garbage collector)',
      '@nestjs/core',
      '(native)',
      'node',
      'bare',
    ]);
  });

  it('count for the nearest package that called them, when they are Node or the engine', () => {
    const nodes = profile.nodes.map((node) =>
      node.id === 4
        ? { ...node, children: [7] }
        : node.id === 7
          ? { ...node, children: [6] }
          : node,
    );
    const { owners } = hotFunctions([{ ...profile, nodes }], 20);
    expect(owners.find(({ name }) => name === 'pg')?.ms).toBe(3);
    expect(owners.map(({ name }) => name)).not.toContain('(native)');
  });

  it('add up over several recordings', () => {
    expect(hotFunctions([profile, profile], 1).functions[0]?.ms).toBe(6);
  });
});
