// Goal: deploy/kubernetes renders, fits the schemas of its kinds and itself, and runs the processes
// with settings that they accept. Method: kubectl renders every overlay, and the checks of
// `kubernetes/` look for faults in the manifests, and in broken ones. The README's commands make
// the Secrets, five real processes start with these settings, and promtool computes KEDA's query.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from '../tools/processes/session.js';
import { APPS } from '../tools/stack/apps.js';
import { root } from '../tools/place.mjs';
import { IMAGE_USER } from './image/container.js';
import { BREAKS } from './kubernetes/breaks.js';
import {
  documentedBlock,
  documentedSecrets,
  readmeText,
} from './kubernetes/documented-commands.js';
import { environmentOf, type Manifest, ofKind, type Secrets } from './kubernetes/manifests.js';
import { workloadsIn } from './kubernetes/manifests.js';
import { networkFaults } from './kubernetes/networks.js';
import { referenceFaults } from './kubernetes/references.js';
import { restrictionFaults } from './kubernetes/restrictions.js';
import { schemaFaults } from './kubernetes/schema.js';
import { mostConnections, settingFaults } from './kubernetes/settings.js';
import { ensureKubernetesTools, kubectl, parseYaml } from './kubernetes/tools.js';
import { startTestStack, type TestStack } from './support/processes.js';
import { ensurePrometheus, promtool } from './support/prometheus.js';

const START_LIMIT_MS = 300_000;
const CHECK_LIMIT_MS = 60_000;
const OVERLAYS = ['cpu', 'keda'] as const;
const session = new Session();
const folder = session.temporaryFolder('kubernetes');

/** A folder's text as kubectl renders it; `base` is the copy below the temporary folder. */
const render = (path: string) => kubectl('kustomize', join(folder, 'deploy', path));
/** An overlay with the two that are applied beside it. */
const installation = async (overlay: string) =>
  (await Promise.all([overlay, 'migrate', 'operator'].map(render))).join('---\n');
const manifestsOf = (text: string) => parseYaml(text) as Manifest[];

let secrets: Secrets;
const rendered: Record<string, string> = {};
const manifestsIn = (overlay: string) => manifestsOf(rendered[overlay] ?? '');

beforeAll(async () => {
  await ensureKubernetesTools();
  cpSync(join(root, 'deploy/kubernetes'), join(folder, 'deploy'), { recursive: true });
  secrets = await documentedSecrets(folder);
  for (const name of OVERLAYS) rendered[name] = await installation(`overlays/${name}`);
}, START_LIMIT_MS);
afterAll(() => session.stop());

function faultsOf(text: string, of: Secrets = secrets): string[] {
  const manifests = manifestsOf(text);
  const misshapen = schemaFaults(manifests);
  // The other checks rely on the shapes.
  if (misshapen.length > 0) return misshapen;
  return [
    ...referenceFaults(manifests, of),
    ...restrictionFaults(manifests),
    ...networkFaults(manifests, of),
    ...settingFaults(manifests, of),
  ];
}

describe.each(OVERLAYS)('the overlay %s', (overlay) => {
  it('has no fault', () => expect(faultsOf(rendered[overlay] ?? '')).toEqual([]), CHECK_LIMIT_MS);

  it('is in one namespace', () => {
    const elsewhere = manifestsIn(overlay).filter(
      ({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== 'quittance',
    );
    expect(elsewhere).toEqual([]);
  });

  it('has a Deployment for each process of compose but the simulated gateway', () => {
    const [{ services }] = parseYaml(readFileSync(join(root, 'docker-compose.yml'), 'utf8')) as [
      { services: Readonly<Record<string, { command?: unknown; image: string }>> },
    ];
    const ours = Object.keys(services).filter((name) => services[name]?.image === 'quittance');
    const names = workloadsIn(manifestsIn(overlay)).map(({ name }) => name);
    expect(names.toSorted()).toEqual(ours.filter((name) => name !== 'sandbox').toSorted());
    const deployed = ofKind(manifestsIn(overlay), 'Deployment').map(({ name }) => name);
    const apps = APPS.map(({ name }) => name).filter((name) => name !== 'sandbox');
    expect(deployed.toSorted()).toEqual(apps.toSorted());
  });

  it('needs as many connections to Postgres as the README says', () => {
    const most = mostConnections(manifestsIn(overlay), secrets);
    expect(readmeText).toContain(`\`max_connections\` of at least ${most}.`);
  });
});

it(
  'renders without an autoscaler for the worker, with two replicas',
  async () => {
    expect(faultsOf(await installation('base'))).toEqual([]);
  },
  CHECK_LIMIT_MS,
);

it(
  'renders the overlay that the README shows',
  async () => {
    mkdirSync(join(folder, 'deploy/acme'));
    const example = documentedBlock('yaml', 'TRUSTED_PROXIES=');
    writeFileSync(join(folder, 'deploy/acme/kustomization.yaml'), example);
    const text = await installation('acme');
    const [api] = workloadsIn(manifestsOf(text)).filter(({ name }) => name === 'api');
    expect(environmentOf(api!, manifestsOf(text), secrets)).toMatchObject({
      PUBLIC_API_URL: 'https://payments.acme.example',
      API_HTTPS_ONLY: 'true',
      TRUSTED_PROXIES: '10.8.0.0/16',
    });
    // The servers have other names in it, and the policies do not know them.
    expect(faultsOf(text).filter((fault) => !/postgres|10\.9\.0\.7/.test(fault))).toEqual([]);
  },
  CHECK_LIMIT_MS,
);

it(
  'reads from the replica that the Secrets of the api and the operator name',
  async () => {
    const { api, operator, ...others } = secrets;
    const withReplica = (of: Secrets[string] = {}) => ({
      ...of,
      DATABASE_READ_URL: of['DATABASE_URL'] ?? '',
    });
    const changed = { ...others, api: withReplica(api), operator: withReplica(operator) };
    const text = rendered['keda'] ?? '';
    expect(faultsOf(text, changed)).toEqual([]);
    const readers = workloadsIn(manifestsOf(text)).filter(
      (one) => 'DATABASE_READ_URL' in environmentOf(one, manifestsOf(text), changed),
    );
    expect(readers.map(({ name }) => name).toSorted()).toEqual(['api', 'operator']);
  },
  CHECK_LIMIT_MS,
);

it(
  'trusts the authority of the overlay that the README shows',
  async () => {
    const names = ['acme-tls', 'acme-tls-migrate', 'acme-tls-operator'];
    for (const [at, resource] of ['overlays/keda', 'migrate', 'operator'].entries()) {
      const path = join(folder, 'deploy', names[at]!);
      mkdirSync(path);
      const example = documentedBlock('yaml', 'components/authority');
      writeFileSync(join(path, 'kustomization.yaml'), example.replace('overlays/keda', resource));
      writeFileSync(join(path, 'ca.pem'), 'the certificate of an authority');
    }
    const text = (await Promise.all(names.map(render))).join('---\n');
    expect(faultsOf(text)).toEqual([]);
    for (const workload of workloadsIn(manifestsOf(text)))
      expect([workload.name, environmentOf(workload, manifestsOf(text), secrets)]).toEqual([
        workload.name,
        expect.objectContaining({ NODE_EXTRA_CA_CERTS: '/run/authority/ca.pem' }),
      ]);
  },
  CHECK_LIMIT_MS,
);

it('runs as the image’s user, whose name is in the Dockerfile', () => {
  // Debian's images of Node create the user `node` with this id.
  expect(IMAGE_USER).toBe(1000);
  expect(readFileSync(join(root, 'Dockerfile'), 'utf8')).toMatch(/^USER node$/m);
});

describe('the checks find', () => {
  it.each(BREAKS)(
    '%s',
    (_, from, to, fault) => {
      const text = rendered['keda'] ?? '';
      const broken = text.replace(from, to);
      expect(broken).not.toBe(text);
      expect(faultsOf(broken).join('\n')).toContain(fault);
    },
    CHECK_LIMIT_MS,
  );

  it(
    'an overlay with both autoscalers of the worker',
    async () => {
      mkdirSync(join(folder, 'deploy/both'));
      const components = ['cpu', 'age'].map((what) => `../components/worker-on-${what}`).join();
      writeFileSync(
        join(folder, 'deploy/both/kustomization.yaml'),
        `resources: [../base]\ncomponents: [${components}]\n`,
      );
      await expect(render('both')).rejects.toThrow('replicas');
    },
    CHECK_LIMIT_MS,
  );
});

describe('the processes', () => {
  let testStack: TestStack;
  const workloads = () => workloadsIn(manifestsIn('keda'));
  beforeAll(async () => {
    testStack = await startTestStack({
      programOf: (name) => {
        const [workload] = workloads().filter((one) => one.name === name);
        if (workload === undefined) return {};
        const env = environmentOf(workload, manifestsIn('keda'), {});
        return {
          env: Object.fromEntries(
            Object.entries(env).filter(
              ([key]) => key !== 'QUITTANCE_KEYSET' && key !== 'QUEUE_PREFIX',
            ),
          ),
        };
      },
    });
  }, START_LIMIT_MS);
  afterAll(() => testStack?.stop());

  it.each(['api', 'webhook', 'worker', 'orders'] as const)(
    'include %s, which answers its probes',
    async (name) => {
      const [workload] = workloads().filter((one) => one.name === name);
      const [{ startupProbe, livenessProbe, readinessProbe }] = workload!.pod.containers;
      const paths = [startupProbe, livenessProbe, readinessProbe].map((one) => one?.httpGet.path);
      expect(paths).toEqual(['/livez', '/livez', '/readyz']);
      for (const path of [...paths, '/metrics'])
        expect([path, (await fetch(`${testStack.stack.urls[name]}${path}`)).status]).toEqual([
          path,
          200,
        ]);
    },
  );
});

describe('the query of KEDA', () => {
  const query = () =>
    ofKind(manifestsIn('keda'), 'ScaledObject')[0]?.spec.triggers[0]?.metadata.query ?? '';
  const age = (lane: string, seconds: number) => ({
    series: `quittance_queue_oldest_waiting_seconds{queue="${lane}"}`,
    values: `${seconds}`,
  });
  const lane = (gauge: string, name: string, value: number) => ({
    series: `quittance_lane_${gauge}{lane="${name}"}`,
    values: `${value}`,
  });
  const main = age('submission-main', 30);
  const slow = age('submission-slow', 90);

  beforeAll(ensurePrometheus, START_LIMIT_MS);

  it('names metrics and labels that exist', () => {
    const operations = readFileSync(join(root, 'docs/operations.md'), 'utf8');
    const named = query().match(/quittance_\w+/g) ?? [];
    expect(named.length).toBeGreaterThan(4);
    for (const name of named)
      expect(operations).toMatch(new RegExp(`^\\| \`${name}\\{(lane|queue)\\}`, 'm'));
  });

  it.each([
    ['is the age of the oldest payment', [main, slow], 90],
    [
      'leaves out a lane whose gateway does not respond',
      [main, slow, lane('breakers_open', 'slow', 1)],
      30,
    ],
    [
      'counts a lane whose gateway responds again',
      [main, slow, lane('breakers_open', 'slow', 0)],
      90,
    ],
    ['leaves out a paused lane', [main, slow, lane('paused', 'slow', 1)], 30],
    ['leaves out a lane with a rate', [main, slow, lane('rate_per_second', 'slow', 5)], 30],
    ['leaves out a lane with a concurrency', [main, slow, lane('concurrency', 'slow', 5)], 30],
    ['is 0 if more workers help nowhere', [slow, lane('paused', 'slow', 1)], 0],
    ['ignores the watch', [main, age('watch', 9_000)], 30],
    ['is absent without a worker', [], undefined],
  ])(
    '%s',
    async (_, input_series, value) => {
      const at = session.temporaryFolder('promtool');
      const write = (name: string, content: object) =>
        writeFileSync(join(at, name), JSON.stringify(content));
      write('rules.yml', {
        groups: [{ name: 'keda', rules: [{ record: 'wanted', expr: query() }] }],
      });
      const exp_samples = value === undefined ? [] : [{ labels: 'wanted', value }];
      const promql_expr_test = [{ expr: 'wanted', eval_time: '0m', exp_samples }];
      write('test.yml', {
        rule_files: ['rules.yml'],
        tests: [{ interval: '1m', input_series, promql_expr_test }],
      });
      expect(await promtool(['test', 'rules', join(at, 'test.yml')])).toContain('SUCCESS');
    },
    CHECK_LIMIT_MS,
  );
});
