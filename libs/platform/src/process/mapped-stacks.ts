// Stack traces that name the lines of the source. Node's `--enable-source-maps` reads the map of
// every file when it loads the file, which takes up to 8 MB of a process; this reads a map when the
// first stack trace needs it.
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A place in a compiled file, as V8 prints it. */
const PLACE = /(file:\/\/[^\s)]+\.js):(\d+):(\d+)/;
/** The compiled files of packages are what their users read. */
const PACKAGES = '/node_modules/';

const maps = new Map<string, SourceMap | undefined>();

/** Makes the stack traces of all later errors name the source. */
export function mapStackTraces(): void {
  Error.prepareStackTrace = (error, callSites: { toString(): string }[]) => {
    const frames = callSites.map((site) => `    at ${sourcePlaceOf(site.toString())}`);
    return [titleOf(error), ...frames].join('\n');
  };
}

/** Returns a line of a stack trace with the place in the source instead of the compiled one. */
export function sourcePlaceOf(callSite: string): string {
  return callSite.replace(PLACE, (compiled, file: string, line: string, column: string) => {
    const entry = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!entry || !('originalSource' in entry)) return compiled;
    const source = fileURLToPath(new URL(entry.originalSource, file));
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

function mapOf(file: string): SourceMap | undefined {
  if (!maps.has(file)) maps.set(file, readMap(file));
  return maps.get(file);
}

/** Never throws: an unreadable map must not hide the error whose stack is wanted. */
function readMap(file: string): SourceMap | undefined {
  if (file.includes(PACKAGES)) return undefined;
  try {
    const path = `${fileURLToPath(file)}.map`;
    if (!existsSync(path)) return undefined;
    return new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as SourceMapPayload);
  } catch {
    return undefined;
  }
}

function titleOf(error: Error): string {
  try {
    return String(error);
  } catch {
    return 'Error';
  }
}
