// A real Prometheus and promtool for tests: the machine's, or Debian's, which is installed where
// root may.
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Session } from '../../tools/processes/session.js';
import { canInstallPackages, installPackage } from '../../tools/servers/debian-package.js';
import { freePort } from '../../tools/servers/ports.js';
import { eventually } from './eventually.js';

const PROMETHEUS = '/usr/bin/prometheus';
const PROMTOOL = '/usr/bin/promtool';
const CHOICES =
  'Prometheus and promtool are needed, and there are none to use. Install them (Debian: sudo apt-get install prometheus).';

/** Installs the programs if they are absent. It can take a minute. */
export async function ensurePrometheus(): Promise<void> {
  if (!existsSync(PROMTOOL) && canInstallPackages()) await installPackage('prometheus', CHOICES);
  if (!existsSync(PROMTOOL)) throw new Error(CHOICES);
}

/** Runs promtool; resolves with its output, and rejects with it when promtool finds a fault. */
export async function promtool(args: readonly string[], input = ''): Promise<string> {
  const run = promisify(execFile)(PROMTOOL, [...args]);
  run.child.stdin?.end(input);
  const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`promtool ${args.join(' ')}:\n${error.stdout}${error.stderr}`);
  });
  return stdout + stderr;
}

/** One series of an instant query. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export class Prometheus {
  private constructor(readonly url: string) {}

  /** Starts one with this configuration (YAML) in `session`, and its data in a temporary folder. */
  static async start(session: Session, config: string): Promise<Prometheus> {
    const folder = session.temporaryFolder('prometheus');
    const port = await freePort();
    const file = join(folder, 'prometheus.yml');
    writeFileSync(file, config);
    session.spawn(
      'prometheus',
      PROMETHEUS,
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { logFile: join(folder, 'prometheus.log') },
    );
    const prometheus = new Prometheus(`http://127.0.0.1:${port}`);
    await eventually(() => prometheus.query('1'), { limitMs: 60_000, everyMs: 200 });
    return prometheus;
  }

  /** Runs an instant query; rejects with Prometheus's words when it is not valid. */
  async query(query: string): Promise<readonly Series[]> {
    const { result } = await this.#get<{ result: readonly Series[] }>('query', { query });
    return result;
  }

  /** Returns the names of the metrics that it has scraped. */
  names(): Promise<readonly string[]> {
    return this.#get('label/__name__/values', {});
  }

  /** Returns the names of the alerts that fire now. */
  async firing(): Promise<readonly string[]> {
    const series = await this.query('count by (alertname) (ALERTS{alertstate="firing"})');
    return series.map(({ metric }) => metric['alertname'] ?? '');
  }

  async #get<T>(path: string, parameters: Readonly<Record<string, string>>): Promise<T> {
    const query = new URLSearchParams(parameters);
    const response = await fetch(`${this.url}/api/v1/${path}?${query.toString()}`);
    const { data, error } = (await response.json()) as { data: T; error?: string };
    if (!response.ok) throw new Error(`${parameters['query'] ?? path}: ${error}`);
    return data;
  }
}
