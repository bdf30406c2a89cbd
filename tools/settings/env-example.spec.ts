// `.env.example` is the manual of the settings: it must say what the processes' declarations say,
// no more and no less.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeConfig, type VariableDescription } from '@quittance/platform';
import { apiConfig } from '../../apps/api/src/config.js';
import { cliConfig } from '../../apps/operator/src/config.js';
import { ordersConfig } from '../../apps/orders/src/config.js';
import { sandboxConfig } from '../../apps/sandbox/src/config.js';
import { webhookConfig } from '../../apps/webhook/src/config.js';
import { workerConfig } from '../../apps/worker/src/config.js';

const processes: Readonly<Record<string, readonly VariableDescription[]>> = {
  api: describeConfig(apiConfig),
  webhook: describeConfig(webhookConfig),
  worker: describeConfig(workerConfig),
  orders: describeConfig(ordersConfig),
  sandbox: describeConfig(sandboxConfig),
};

/**
 * The CLI needs less of what the processes need, so that only what is its own is described for it.
 */
const ofProcesses = new Set(
  Object.values(processes)
    .flat()
    .map(({ name }) => name),
);
const apps: Readonly<Record<string, readonly VariableDescription[]>> = {
  ...processes,
  "the operator's CLI": describeConfig(cliConfig).filter(({ name }) => !ofProcesses.has(name)),
};

/** Variables in the order of the sections, each with the apps that read it. */
function allVariables(): ReadonlyMap<string, VariableDescription & { readonly readers: string[] }> {
  const found = new Map<string, VariableDescription & { readonly readers: string[] }>();
  for (const [app, variables] of Object.entries(apps)) {
    for (const variable of variables) {
      const known = found.get(variable.name);
      if (known) known.readers.push(app);
      else found.set(variable.name, { ...variable, readers: [app] });
    }
  }
  return found;
}

function entryOf(variable: VariableDescription): string {
  const { name, description, expected, unit, required, secret } = variable;
  const facts = [
    expected,
    unit,
    required ? 'required' : variable.default === undefined ? 'optional' : undefined,
    secret ? 'secret' : undefined,
  ].filter((fact) => fact !== undefined);
  const line = `${name}=${variable.default ?? ''}`;
  return `# ${description}\n#   ${facts.join('; ')}\n${required ? '' : '#'}${line}\n`;
}

/** The text after the introduction: first what several apps read, then each app's own. */
function manual(): string {
  const variables = [...allVariables().values()];
  const groupOf = ({ readers }: { readers: string[] }): string =>
    readers.length === 1 ? (readers[0] ?? '') : 'several';
  return ['several', ...Object.keys(apps)]
    .map((group) => {
      const title = group === 'several' ? 'read by several processes' : group;
      const entries = variables.filter((variable) => groupOf(variable) === group).map(entryOf);
      return `# --- ${title} ---\n\n${entries.join('\n')}`;
    })
    .join('\n');
}

const example = readFileSync(resolve(import.meta.dirname, '../../.env.example'), 'utf8');

const secretNames = new Set(
  Object.values(apps)
    .flat()
    .flatMap(({ name, secret }) => (secret ? [name] : [])),
);

describe('.env.example', () => {
  it('says of every variable what the processes declare: meaning, form, unit, default', () => {
    expect(example.slice(example.indexOf('# ---'))).toBe(manual());
  });

  it.each([...secretNames])('holds no value for %s, which is a secret', (name) => {
    expect(example).toMatch(new RegExp(`^#?${name}=$`, 'm'));
  });

  it('describes a variable in the same words whoever reads it', () => {
    const known = allVariables();
    for (const { name, section, ...said } of Object.values(apps).flat())
      expect(known.get(name)).toMatchObject(said);
  });
});
