// The bench's `--profile`: which processes are recorded, when, and what is reported about them at the
// end.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { dataPath } from '../../tools/place.mjs';
import type { Contestant } from '../contestants/contestant.js';
import type { Servers } from '../machine/servers.js';
import { hotFunctions, type Share } from './hot-functions.js';
import { Inspected } from './inspector.js';
import { forgetStatements, statementTable } from './statements.js';

const FUNCTIONS_SHOWN = 25;
const OWNERS_SHOWN = 10;
const STATEMENTS_SHOWN = 20;

function profileTable({ name, profiles }: Inspected): string {
  const { busyMs, functions, owners } = hotFunctions(profiles, FUNCTIONS_SHOWN);
  const row = ({ name: what, ms, share }: Share) =>
    `  ${`${(share * 100).toFixed(1)}%`.padStart(7)} ${ms.toFixed(0).padStart(7)} ms  ${what}`;
  const heading = `${name}: busy ${busyMs.toFixed(0)} ms`;
  const shownOwners = owners.slice(0, OWNERS_SHOWN);
  return [heading, ...shownOwners.map(row), '', ...functions.map(row)].join('\n');
}

/** Records the processes named on the command line during the rounds that count. */
export class Profiling {
  readonly #inspected: readonly Inspected[];
  readonly #withStatements: boolean;
  #round = 0;

  constructor(inspected: readonly Inspected[], withStatements: boolean) {
    this.#inspected = inspected;
    this.#withStatements = withStatements;
  }

  static async of(names: readonly string[]): Promise<Profiling> {
    const processes = names.filter((name) => name !== 'postgres');
    const inspected = await Promise.all(processes.map((name) => Inspected.prepare(name)));
    return new Profiling(inspected, names.includes('postgres'));
  }

  get withStatements(): boolean {
    return this.#withStatements;
  }

  /** What a process is started with besides its own settings. */
  nodeOptionsOf(name: string): Record<string, string> {
    return this.#inspected.find((one) => one.name === name)?.environment ?? {};
  }

  #during(contestant: Contestant): Inspected[] {
    const ownerOf = ({ name }: Inspected) => /^(bare|guarded)-/.exec(name)?.[1] ?? 'quittance';
    return this.#inspected.filter((one) => ownerOf(one) === contestant.name);
  }

  async start(contestant: Contestant, servers: Servers): Promise<void> {
    if (this.#withStatements && this.#round === 0) await forgetStatements(servers);
    this.#round += 1;
    await Promise.all(this.#during(contestant).map((one) => one.start()));
  }

  async stop(contestant: Contestant): Promise<void> {
    const folder = dataPath('profiles');
    const save = (one: Inspected) => {
      const file = join(folder, `${one.name}-${this.#round}.cpuprofile`);
      rmSync(file, { force: true });
      return one.stop(file);
    };
    await Promise.all(this.#during(contestant).map(save));
  }

  /** What was recorded, as text; empty when nothing was asked for. */
  async report(servers: Servers): Promise<string> {
    const tables = this.#inspected.map(profileTable);
    if (this.#withStatements) tables.push(await statementTable(servers, STATEMENTS_SHOWN));
    for (const one of this.#inspected) one.close();
    if (tables.length > 0)
      tables.push(`Profiles for Chrome's developer tools: ${dataPath('profiles')}`);
    return tables.join('\n\n');
  }
}
