// The packages of an image as `name@version`: those installed, and those in its SBOM.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

function read(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}

/** The packages that npm has installed below the folder, by its own record. */
export function installedPackages(folder: string): string[] {
  type Installed = { packages: { [place: string]: { version: string } } };
  const { packages } = read(folder, 'node_modules', '.package-lock.json') as Installed;
  return Object.entries(packages).map(
    ([place, { version }]) => `${place.replace(/.*node_modules\//, '')}@${version}`,
  );
}

/** The packages in `sbom.json` (CycloneDX). */
export function listedPackages(folder: string): string[] {
  type PartsList = { components: { group?: string; name: string; version: string }[] };
  const { components } = read(folder, 'sbom.json') as PartsList;
  return components.map(({ group, name, version }) =>
    group ? `${group}/${name}@${version}` : `${name}@${version}`,
  );
}
