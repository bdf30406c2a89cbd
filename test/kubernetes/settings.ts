// The settings of each process are those that it reads, valid and complete, and what the manifests
// derive from them fits: ports, the time for a stop, the connections to Postgres.
import {
  type ConfigDefinition,
  ConfigError,
  type ConfigShape,
  describeConfig,
  loadConfig,
} from '@quittance/platform';
import { apiConfig } from '../../apps/api/src/config.js';
import { APP_PORTS } from '../../apps/deploy/src/app-ports.js';
import { cliConfig } from '../../apps/operator/src/config.js';
import { ordersConfig } from '../../apps/orders/src/config.js';
import { webhookConfig } from '../../apps/webhook/src/config.js';
import { workerConfig } from '../../apps/worker/src/config.js';
import {
  environmentOf,
  type Manifest,
  ofKind,
  scalersIn,
  type Secrets,
  type Workload,
  workloadsIn,
} from './manifests.js';

const reader = <S extends ConfigShape>(config: ConfigDefinition<S>) => ({
  known: describeConfig(config).map((variable) => variable.name),
  read: (env: NodeJS.ProcessEnv) => void loadConfig(config, env),
});
const READERS: Readonly<Record<string, ReturnType<typeof reader>>> = {
  api: reader(apiConfig),
  webhook: reader(webhookConfig),
  worker: reader(workerConfig),
  orders: reader(ordersConfig),
  operator: reader(cliConfig),
};
/** Node itself reads it. */
const OF_NODE = 'NODE_EXTRA_CA_CERTS';
/** As `stopOnSignals` without a limit, and as the worker adds to STOP_LIMIT_MS. */
const STOP_SECONDS = 25;
const WORKER_STOP_SECONDS = 10;
const FOR_OPERATORS_AND_MIGRATIONS = 10;

/** Settings that no process reads, or that do not fit. */
export function settingFaults(manifests: readonly Manifest[], secrets: Secrets): string[] {
  return workloadsIn(manifests).flatMap((workload) => {
    const { name } = workload;
    const settings = READERS[name];
    if (settings === undefined) return [];
    const env = environmentOf(workload, manifests, secrets);
    return [
      ...Object.keys(env)
        .filter((variable) => variable !== OF_NODE && !settings.known.includes(variable))
        .map((variable) => `${name} does not read ${variable}`),
      ...problemsOf(() => settings.read(env)).map((problem) => `${name}: ${problem}`),
      ...(workload.kind === 'Deployment' ? processFaults(workload, env) : []),
    ];
  });
}

function problemsOf(read: () => void): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return [error.message];
    throw error;
  }
}

function processFaults({ name, pod }: Workload, env: NodeJS.ProcessEnv): string[] {
  const [{ command, ports = [], lifecycle }] = pod.containers;
  const { variable, preset } = APP_PORTS[name as keyof typeof APP_PORTS];
  const port = Number(env[variable] ?? preset);
  const stop =
    name === 'worker'
      ? loadConfig(workerConfig, env).jobs.stopLimitMs / 1_000 + WORKER_STOP_SECONDS
      : STOP_SECONDS;
  const needed = stop + (lifecycle?.preStop.sleep.seconds ?? 0);
  const given = pod.terminationGracePeriodSeconds ?? 0;
  return [
    ports[0]?.containerPort === port ? '' : `${name} listens on ${port}`,
    given > needed ? '' : `${name} may take ${needed} s to stop, and is killed after ${given} s`,
    command.join(' ') === `sh -c ulimit -c 0; exec node dist/apps/${name}/src/main.js`
      ? ''
      : `${name} runs something else`,
  ].filter((fault) => fault !== '');
}

/**
 * The connections to Postgres with every Deployment at its maximum, one more of each during a
 * rollout, and some for operators and migrations.
 */
export function mostConnections(manifests: readonly Manifest[], secrets: Secrets): number {
  const scalers = scalersIn(manifests);
  const fixed = ofKind(manifests, 'Deployment');
  const processes = workloadsIn(manifests).filter(({ kind }) => kind === 'Deployment');
  const connections = processes.map((workload) => {
    const env = environmentOf(workload, manifests, secrets);
    const each = Number(env['DATABASE_CONNECTIONS'] ?? env['ORDERS_DATABASE_CONNECTIONS']);
    const scaler = scalers.find(({ target }) => target === workload.name);
    const { replicas = 0 } = fixed.find(({ name }) => name === workload.name)?.spec ?? {};
    return each * ((scaler?.most ?? replicas) + 1);
  });
  return connections.reduce((sum, one) => sum + one, FOR_OPERATORS_AND_MIGRATIONS);
}
