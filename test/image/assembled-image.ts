// Assembles the image's files from the Dockerfile as a container engine does, because CI has none.
// The first stage, the build, is the clone itself, where the test run has just run the same
// commands; the other stages are followed line by line.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../../tools/place.mjs';

/** The folder of an image's files, and the variables it sets. */
export interface AssembledImage {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

interface Stage {
  readonly name: string;
  readonly lines: readonly string[];
}

/** In the image this saves space; here it would empty the user's own cache. */
const NOT_RUN = 'npm cache clean --force';
/** npm passes its own folder to the commands it runs, and a second npm would work there. */
const NOT_HANDED_DOWN = ['npm_config_local_prefix', 'npm_config_prefix', 'INIT_CWD'];

/**
 * Follows the Dockerfile, with its stages below `folder`. Installs packages, which takes some
 * seconds.
 */
export function assembleImage(folder: string): AssembledImage {
  const stages = stagesOf(readFileSync(join(root, 'Dockerfile'), 'utf8'));
  const places = new Map([['build', root]]);
  let env = {};
  for (const stage of stages) {
    if (places.has(stage.name)) continue;
    const place = join(folder, stage.name);
    mkdirSync(place);
    places.set(stage.name, place);
    for (const line of stage.lines) follow(line, place, places);
    env = Object.assign({}, ...stage.lines.map(variablesOf));
  }
  return { folder: places.get('image') ?? folder, env };
}

function stagesOf(dockerfile: string): Stage[] {
  const [, ...stages] = dockerfile.split(/^FROM /m);
  return stages.map((text) => ({
    name: / AS (\w+)/.exec(text.split('\n')[0] ?? '')?.[1] ?? 'image',
    lines: text.split('\n').slice(1),
  }));
}

function follow(line: string, place: string, places: ReadonlyMap<string, string>): void {
  const [, instruction, rest = ''] = /^(COPY|RUN) (.*)/.exec(line) ?? [];
  if (instruction === 'RUN') run(rest, place);
  if (instruction === 'COPY') copy(rest.split(' '), place, places);
}

function run(command: string, place: string): void {
  const wanted = command.split(' && ').filter((part) => part !== NOT_RUN);
  const env = { ...process.env };
  for (const variable of NOT_HANDED_DOWN) delete env[variable];
  execFileSync('sh', ['-ec', wanted.join(' && ')], { cwd: place, env, stdio: 'pipe' });
}

function copy(words: readonly string[], place: string, places: ReadonlyMap<string, string>): void {
  const [, stage] = /^--from=(\w+)$/.exec(words[0] ?? '') ?? [];
  const from = stage === undefined ? root : (places.get(stage) ?? '');
  const paths = stage === undefined ? words : words.slice(1);
  const target = join(place, paths.at(-1) ?? '');
  for (const path of paths.slice(0, -1)) {
    const source = join(from, path.replace(/^\/app\//, ''));
    const isInto = paths.length > 2 || target.endsWith('/');
    cpSync(source, isInto ? join(target, basename(source)) : target, { recursive: true });
  }
}

function variablesOf(line: string): Record<string, string> {
  const [, rest = ''] = /^ENV (.*)/.exec(line) ?? [];
  const pairs = [...rest.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)];
  return Object.fromEntries(pairs.map(([, name, quoted, bare]) => [name, quoted ?? bare ?? '']));
}
