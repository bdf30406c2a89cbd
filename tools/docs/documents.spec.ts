// The documents are compared with what they speak of: links lead somewhere, and the operator's
// table of metrics is the processes' own.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...filesBelow('docs', '.md'),
];

/** Targets of the links in a document, without those to the outside world. */
function linksIn(document: string): string[] {
  const targets = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !target.includes('://'));
}

/** Anchors as GitHub makes them of headings. */
function anchorsIn(document: string): string[] {
  const headings = [...read(document).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}

const links = documents.flatMap((document) =>
  linksIn(document).map((target) => [document, target] as const),
);

describe('a link', () => {
  it.each(links)('in %s to %s leads somewhere', (document, target) => {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? document : join(dirname(document), path);
    expect(existsSync(join(root, file))).toBe(true);
    if (anchor !== undefined) expect(anchorsIn(file)).toContain(anchor);
  });
});

/**
 * Files of the tree that documents name in code marks, such as `libs/payments/src/decide.ts`. A
 * decision names the files of its day.
 */
const current = documents.filter((document) => !document.startsWith('docs/adr/'));
const namedFiles = current.flatMap((document) =>
  [...read(document).matchAll(/`((?:apps|libs|test|tools|bench|prisma)\/[\w./-]+\.\w+)`/g)].map(
    ([, path = '']) => [document, path] as const,
  ),
);

describe('a file', () => {
  it.each(namedFiles)('that %s names is there: %s', (_, path) => {
    expect(existsSync(join(root, path))).toBe(true);
  });
});

describe('docs/architecture.md', () => {
  it('walks a payment through twenty files at most', () => {
    const heading = '## A payment, file by file\n';
    const [, walk = ''] = read('docs/architecture.md').split(heading);
    const [way = ''] = walk.split('\nA callback ');
    const steps = [...way.matchAll(/^(\d+)\. `[\w./-]+`/gm)].map(([, step]) => Number(step));
    expect(steps).toEqual(Array.from({ length: steps.length }, (_, at) => at + 1));
    expect(steps.length).toBeGreaterThan(10);
    expect(steps.length).toBeLessThanOrEqual(20);
  });
});

/** Names of the metrics that the sources declare, with the labels in their order. */
function declaredMetrics(): string[] {
  const sources = [...filesBelow('libs', '.ts'), ...filesBelow('apps', '.ts')].filter(
    (path) => path.includes('/src/') && !/(spec|fixture)\.ts$|\/generated\//.test(path),
  );
  return sources.flatMap((path) =>
    [
      ...read(path).matchAll(
        /\.(?:counter|gauge|histogram)\(\{\s*name: '(\w+)',[^}]*?(?:labels: (?:\[([^\]]*)\]|\{([^}]*)\})[^}]*?)?\}/g,
      ),
    ].map(([, name = '', labels = '', values = '']) => {
      const keys = [...values.matchAll(/(\w+):/g)].map(([, key]) => key);
      const listed = labels.replaceAll(/['\s]/g, '') || keys.join(',');
      return `quittance_${name}${listed === '' ? '' : `{${listed}}`}`;
    }),
  );
}

describe('docs/operations.md', () => {
  it('lists every metric with its labels, and no other', () => {
    const [, section = ''] = /^## Metrics$(.*?)^## /ms.exec(read('docs/operations.md')) ?? [];
    const listed = [...section.matchAll(/^\| `(quittance_[^`]+)`/gm)].map(([, name = '']) => name);
    expect(listed.toSorted()).toEqual(declaredMetrics().toSorted());
  });
});

/** Alerts of the rules: name, severity and runbook. */
const alerts = [
  ...read('deploy/prometheus/rules.yml').matchAll(
    /- alert: (\w+)\n[^]*?severity: (\w+)[^]*?runbook: (\S+)\n/g,
  ),
].map(([, name = '', severity = '', runbook = '']) => ({ name, severity, runbook }));

describe('deploy/prometheus/rules.yml', () => {
  it('has the alerts that docs/operations.md lists, with their severities and runbooks', () => {
    const rows = read('docs/operations.md').matchAll(
      /^\| `(Quittance\w+)` +\| (\w+) +\|.*\]\((#[\w-]+)\) +\|$/gm,
    );
    const listed = [...rows].map(([, name = '', severity = '', anchor = '']) => ({
      name,
      severity,
      runbook: `docs/operations.md${anchor}`,
    }));
    expect(alerts.length).toBeGreaterThan(30);
    expect(listed).toEqual(alerts);
  });

  it.each(alerts)('leads $name to a section that exists', ({ runbook }) => {
    const [document = '', anchor] = runbook.split('#');
    expect(anchorsIn(document)).toContain(anchor);
  });

  it('has a test in which each alert is the only one that fires', () => {
    const tests = read('deploy/prometheus/rules.test.yml').split('\n  - name: ').slice(1);
    const fired = tests.map(
      (test) =>
        [
          test.split('\n')[0] ?? '',
          [...test.matchAll(/alertname="(\w+)"/g)].map(([, name]) => name),
        ] as const,
    );
    const expected = alerts.map(({ name }) => [name, [name]] as const);
    expect(Object.fromEntries(fired)).toEqual(Object.fromEntries(expected));
  });
});
