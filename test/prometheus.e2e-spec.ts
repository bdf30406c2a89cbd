// Goal: the alert rules and dashboards work on what the processes really export, and the incidents
// that a person on call must see raise an alert. Method: Debian's Prometheus scrapes the five
// processes while they are paid over, refused by the gateway, and killed; promtool judges rules and
// metrics. The rules of the incidents are the shipped ones with shorter times.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { root } from '../tools/place.mjs';
import { Checkout } from './keys/checkout.js';
import { Sandbox } from './support/clients.js';
import { eventually } from './support/eventually.js';
import { type AppName, startTestStack, type TestStack } from './support/processes.js';
import { type PrivateRedis, startPrivateRedis } from './support/redis.js';
import { ensurePrometheus, Prometheus, promtool } from './support/prometheus.js';

const START_LIMIT_MS = 300_000;
const PLAY_LIMIT_MS = 180_000;
const STOP_LIMIT_MS = 60_000;
/** An alert of the shortened rules fires within some ten seconds of its cause. */
const ALERT = { limitMs: 90_000, everyMs: 500 };
/** The shortest time after which a process that consumes nothing is unready, and when it ends. */
const CANARY = { CANARY_UNREADY_AFTER_MS: '15000', CANARY_EXIT_AFTER_MS: '20000' };
/** `EX_SOFTWARE`: the supervisor starts the process again. */
const EXIT_STUCK = 70;

const RULES = join(root, 'deploy/prometheus/rules.yml');
const DASHBOARDS = join(root, 'deploy/grafana');
const SCRAPED: readonly AppName[] = ['api', 'webhook', 'orders', 'worker'];

let testStack: TestStack;
let redis: PrivateRedis;
let prometheus: Prometheus;
let checkout: Checkout;

beforeAll(async () => {
  await ensurePrometheus();
  redis = await startPrivateRedis();
  const extra = { GATEWAY_TIMEOUT_MS: '1000', ...CANARY };
  testStack = await startTestStack({ extra, redisUrl: redis.url });
  checkout = await Checkout.open(testStack);
  prometheus = await Prometheus.start(testStack.session, configuration());
  await pay('PAID');
  // Its approval comes as a callback.
  await checkout.pay({ kind: 'wallet', terminal: 'main', reference: 'WALLET' });
}, START_LIMIT_MS);
afterAll(async () => {
  await testStack?.stop();
  await redis?.stop();
}, STOP_LIMIT_MS);

/** The scrape configuration of the example, for this stack and with short times. */
function configuration(): string {
  const rules = join(testStack.session.temporaryFolder('rules'), 'rules.yml');
  const short = readFileSync(RULES, 'utf8')
    .replaceAll(/\[\d+m\]/g, '[10s]')
    .replaceAll(/for: \w+/g, 'for: 1s')
    .replaceAll('{status="queued"} > 120', '{status="queued"} > 3')
    .replaceAll('lag_seconds > 60', 'lag_seconds > 3')
    .replaceAll('canary_age_seconds > 60', 'canary_age_seconds > 10');
  writeFileSync(rules, short);
  const { urls } = testStack.stack;
  const targets = SCRAPED.map(
    (app) => `{ targets: ['${new URL(urls[app]).host}'], labels: { app: ${app} } }`,
  );
  return `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ['${rules}']
scrape_configs: [{ job_name: quittance, static_configs: [${targets.join(', ')}] }]
`;
}

let payments = 0;
function pay(name: string): Promise<unknown> {
  payments += 1;
  const reference = `${name}-${payments}`;
  return checkout.pay({ kind: 'card', terminal: 'main', reference });
}
const accept = (name: string) => {
  payments += 1;
  return checkout.accept({ kind: 'card', terminal: 'main', reference: `${name}-${payments}` });
};

/**
 * Lets the worker's own canary stand still, and nothing else: as when its connections carry nothing
 * while new ones to the same Redis work.
 */
async function stopCanary(prefix: string): Promise<void> {
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  const names = await eventually(async () => {
    const keys = await connection.keys(`${prefix}:canary:*`);
    const found = new Set(keys.flatMap((key) => /canary_[0-9a-z]+/.exec(key) ?? []));
    expect(found.size).toBe(1);
    return found;
  }, ALERT);
  for (const name of names) {
    const queue = new Queue(name, { connection, prefix: `${prefix}:canary` });
    await queue.pause();
    await queue.close();
  }
  await connection.quit();
}

/** The metrics that PromQL expressions name. */
const metricsIn = (text: string): string[] => [
  ...new Set(text.match(/\b(?:quittance|nodejs|process)_[a-z0-9_]+/g) ?? []),
];

/** Every query of every dashboard, with its dashboard's name, and variables filled in. */
const queries = readdirSync(DASHBOARDS).flatMap((file) => {
  const { panels } = JSON.parse(readFileSync(join(DASHBOARDS, file), 'utf8')) as {
    panels: readonly { title: string; targets?: readonly { expr: string }[] }[];
  };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => {
      const query = expr.replaceAll('$__rate_interval', '10s').replaceAll('$lane', '.*');
      return [`${file}: ${title}`, query] as const;
    }),
  );
});

describe('promtool', () => {
  it('finds no fault in the rules, and makes each alert fire', async () => {
    expect(await promtool(['check', 'rules', RULES])).toContain('SUCCESS');
    const tests = join(root, 'deploy/prometheus/rules.test.yml');
    expect(await promtool(['test', 'rules', tests])).toContain('SUCCESS');
  });

  it.each([...SCRAPED, 'sandbox'] as const)('finds no fault in the metrics of %s', async (app) => {
    const scrape = await fetch(`${testStack.stack.urls[app]}/metrics`);
    expect(await promtool(['check', 'metrics'], await scrape.text())).toBe('');
  });
});

describe('on a real scrape', () => {
  it.each(['rules.yml', 'rules.test.yml'])(
    'every metric of %s exists',
    async (file) => {
      const named = metricsIn(readFileSync(join(root, 'deploy/prometheus', file), 'utf8'));
      expect(named.length).toBeGreaterThan(20);
      await eventually(async () => {
        const scraped = new Set(await prometheus.names());
        expect(named.filter((name) => !scraped.has(name))).toEqual([]);
      }, ALERT);
    },
    PLAY_LIMIT_MS,
  );

  it.each(queries)(
    'the query of %s is valid, and names only metrics that exist',
    async (_, query) => {
      await prometheus.query(query);
      await eventually(async () => {
        const scraped = new Set(await prometheus.names());
        expect(metricsIn(query).filter((name) => !scraped.has(name))).toEqual([]);
      });
    },
  );

  it(
    'no alert fires while everything works',
    async () => {
      const unexpected = async () => {
        const firing = await prometheus.firing();
        return firing.filter((name) => name !== 'QuittanceEventLoopBlocked');
      };
      await eventually(async () => expect(await unexpected()).toEqual([]), ALERT);
    },
    PLAY_LIMIT_MS,
  );
});

describe('an alert fires', () => {
  const fires = (...alerts: readonly string[]) =>
    eventually(async () => {
      expect(await prometheus.firing()).toEqual(expect.arrayContaining([...alerts]));
    }, ALERT);
  const sandbox = () => new Sandbox(testStack.stack.urls.sandbox);

  it(
    'when the gateway refuses connections',
    async () => {
      await sandbox().fault({ fault: 'refuse_connection', for_ms: 30_000 });
      await accept('REFUSED');
      await fires('QuittanceGatewayRefuses', 'QuittancePaymentsWaiting');
      await fires('QuittanceBreakerOpen');
    },
    PLAY_LIMIT_MS,
  );

  it(
    'when the gateway never answers',
    async () => {
      await eventually(() => pay('BACK'), { limitMs: 60_000, everyMs: 500 });
      // Until any number of payments may be in flight again.
      for (let count = 0; count < 6; count += 1) await pay('BACK');
      await sandbox().fault({
        fault: 'delay_ms',
        ms: 30_000,
        times: 15,
        match: { path: '/api/s2s/encrypt' },
      });
      for (let count = 0; count < 15; count += 1) await accept('UNANSWERED');
      await fires('QuittanceGatewaySilent', 'QuittanceDoubtsRising');
    },
    PLAY_LIMIT_MS,
  );

  it(
    'when a subscriber’s handler throws',
    async () => {
      const pool = new Pool({ connectionString: testStack.setup.ordersDatabaseUrl });
      try {
        await pool.query(`ALTER TABLE orders ADD CONSTRAINT broken CHECK (false) NOT VALID`);
        await pay('UNHANDLED');
        await fires('QuittanceSubscriberFails');
        await pool.query(`ALTER TABLE orders DROP CONSTRAINT broken`);
      } finally {
        await pool.end();
      }
    },
    PLAY_LIMIT_MS,
  );

  it(
    'when Redis is gone, and no alert stays once it is back, though it is empty',
    async () => {
      await redis.stop();
      await accept('WITHOUT-REDIS');
      await fires('QuittanceDependencyDown', 'QuittanceOutboxLag');
      await redis.start();
      await eventually(async () => {
        const about = /Dependency|Outbox|Consuming/;
        expect((await prometheus.firing()).filter((name) => about.test(name))).toEqual([]);
      }, ALERT);
      await pay('WITH-REDIS');
    },
    PLAY_LIMIT_MS,
  );

  it(
    'when a worker consumes nothing, and when it has ended itself for that',
    async () => {
      const { stack, setup } = testStack;
      const worker = stack.process('worker');
      await stopCanary(String(setup.extra?.['QUEUE_PREFIX']));
      await fires('QuittanceNotConsuming');
      expect(await worker?.exited).toEqual({ code: EXIT_STUCK, signal: null });
      stack.launch('worker');
      await stack.untilReady('worker');
      await fires('QuittanceProcessEnded');
      await pay('AFTER-THE-END');
    },
    PLAY_LIMIT_MS,
  );

  it(
    'when the worker is gone',
    async () => {
      await testStack.stack.process('worker')?.kill();
      await fires('QuittanceProcessDown', 'QuittanceNoWorker');
    },
    PLAY_LIMIT_MS,
  );
});
