// Goal: the installed packages are the reviewed ones, and no install script runs without
// permission. Method: the lock file and package.json as they are.
import { readFileSync } from 'node:fs';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, never>;
const packages = Object.entries<Locked>(read('package-lock.json')['packages'] ?? {}).filter(
  ([path]) => path !== '',
);
const allowed: Record<string, boolean> = read('package.json')['allowScripts'] ?? {};
const nameOf = (path: string) => path.split('node_modules/').at(-1) ?? '';

it('pins every package by version and content', () => {
  expect(packages.length).toBeGreaterThan(100);
  const loose = packages.filter(
    ([, { version, integrity }]) =>
      version === undefined || !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''),
  );
  expect(loose).toEqual([]);
});

it('takes packages from the registry alone, whichever it is', () => {
  expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});

it('has decided about every install script by name', () => {
  const scripted = packages.filter(([, one]) => one.hasInstallScript).map(([path]) => nameOf(path));
  expect(scripted.filter((name) => !(name in allowed))).toEqual([]);
  expect(Object.keys(allowed).filter((name) => !scripted.includes(name))).toEqual([]);
});
