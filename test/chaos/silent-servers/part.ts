// The parts "silent-postgres" and "silent-redis": a server is up and does not respond, or does not
// write, and no connection is cut.
import { setTimeout as pause } from 'node:timers/promises';
import { linkTo, type SeverableLink } from '../../support/severable-link.js';
import { countByStatus, Load, settlesLater } from '../load.js';
import {
  inSeconds,
  resultOf,
  startStack,
  discardStack,
  type Context,
  type PartResult,
  type Row,
} from '../part.js';
import type { ChaosStack } from '../stack/chaos-stack.js';
import { ChaosPostgres } from '../stack/servers.js';
import { until } from '../waiting.js';
import {
  APPS,
  POSTGRES,
  REDIS,
  type App,
  type Dependency,
  type Silence,
  type Silenced,
} from './silences.js';

const BEFORE_MS = 2_000;
const AFTER_MS = 3_000;
/** The sum of the deadlines in docs/reliability.md, on a slow machine. */
const ANSWERED_WITHIN_MS = 16_000;
const NOTICED_WITHIN_MS = 12_000;
const READY_WITHIN_MS = 20_000;
/** The acquirer settles before, in or after the silence. */
const SETTLES_WITHIN_MS = 4_000;
const CONVERGES_WITHIN_MS = 150_000;

interface Readiness {
  readonly status: string;
  readonly checks: Readonly<Record<string, { readonly reason?: string }>>;
}

const readiness = async (url: string) => (await (await fetch(`${url}/readyz`)).json()) as Readiness;

/** One silent server under load. */
class SilenceRun<Server> {
  readonly #stack: ChaosStack;
  readonly #dependency: Dependency<Server>;
  readonly #silenced: Silenced<Server>;

  private constructor(
    stack: ChaosStack,
    dependency: Dependency<Server>,
    links: Record<App, SeverableLink>,
  ) {
    this.#stack = stack;
    this.#dependency = dependency;
    this.#silenced = { links, server: dependency.serverOf(stack) };
  }

  /** Replaces the apps by ones that reach the server over links. */
  static async prepare<Server>(stack: ChaosStack, dependency: Dependency<Server>) {
    const links = await Promise.all(
      APPS.map(async (app) => {
        const { variable, url } = dependency.settingOf(app, stack);
        const link = await linkTo(url);
        await stack.replace(app, { [variable]: link.url });
        return [app, link] as const;
      }),
    );
    const byApp = Object.fromEntries(links) as Record<App, SeverableLink>;
    return new SilenceRun(stack, dependency, byApp);
  }

  async play(silence: Silence<Server>, prefix: string, { random }: Context): Promise<Row> {
    const { answers } = this.#dependency;
    const before = settlesLater(this.#stack, { random, withinMs: SETTLES_WITHIN_MS });
    const options = { prefix, callers: 6, answerLimitMs: ANSWERED_WITHIN_MS, before };
    const load = new Load(this.#stack, options).start();
    const problems: string[] = [];
    const note = (error: Error): undefined => void problems.push(error.message);
    await pause(BEFORE_MS);
    await silence.begin(this.#silenced);
    const noticed = silence.lastsMs > 0 ? this.#untilNoticed().catch(note) : undefined;
    const [reasons] = await Promise.all([noticed, pause(silence.lastsMs)]);
    await silence.end?.(this.#silenced);
    const readyMs = await this.#untilAllReady().catch(note);
    await pause(AFTER_MS);
    await load.stop();
    const { verdicts, problems: judged } = await load.judge(CONVERGES_WITHIN_MS, 'succeeded');
    problems.push(...judged);
    const unexpected = load.unexpectedAnswers(answers);
    if (unexpected.length > 0) problems.push(`callers got ${unexpected.join(', ')}`);
    const cells = [
      verdicts.length,
      load.answers(),
      inSeconds(load.longestAnswerMs),
      reasons,
      readyMs === undefined ? 'never' : inSeconds(readyMs),
      countByStatus(verdicts),
    ];
    return { name: silence.name, problems, cells };
  }

  /** Resolves with the reasons once every app reports the server as down. */
  async #untilNoticed(): Promise<string> {
    const { name, title } = this.#dependency;
    const reasons = new Set<string>();
    for (const app of APPS) {
      const reasonOf = async () => (await readiness(this.#stack.urls[app])).checks[name]?.reason;
      const what = `${app} reports that ${title} is down`;
      reasons.add(await until(reasonOf, { what, limitMs: NOTICED_WITHIN_MS }));
    }
    return [...reasons].join(', ');
  }

  /** Resolves with the time until every app was ready, not merely degraded. */
  async #untilAllReady(): Promise<number> {
    const startedAt = performance.now();
    for (const app of APPS) {
      let last: Readiness | undefined;
      const isReady = async () => {
        last = await readiness(this.#stack.urls[app]);
        return last.status === 'ready';
      };
      const what = `${app} is ready again`;
      await until(isReady, { what, limitMs: READY_WITHIN_MS }).catch((error: Error) => {
        throw new Error(`${error.message}; its last readiness: ${JSON.stringify(last)}`);
      });
    }
    return performance.now() - startedAt;
  }

  async end(): Promise<void> {
    await Promise.all(Object.values(this.#silenced.links).map((link) => link.cut()));
  }
}

async function playAll<Server>(
  context: Context,
  stack: ChaosStack,
  dependency: Dependency<Server>,
): Promise<PartResult> {
  const { run, step, scale } = context;
  const { name, title, silences } = dependency;
  const silenceRun = await SilenceRun.prepare(stack, dependency);
  const rows: Row[] = [];
  for (const [at, silence] of silences.entries()) {
    if (scale.isShort && !silence.isShort) continue;
    rows.push(
      await step(title, (say) => {
        say(silence.name);
        return silenceRun.play(silence, `silent-${name}-${run}-${at}`, context);
      }),
    );
  }
  await discardStack(context, stack);
  await silenceRun.end();
  const head = [
    `${title} is`,
    'payments',
    'first answers',
    'slowest answer',
    'reported as',
    'all ready after',
    'ended',
  ];
  return resultOf(head, rows);
}

/** On a Postgres of its own, which is frozen and replaced, unless the shared stack has one. */
export async function silentPostgresPart(context: Context): Promise<PartResult> {
  const { session, scale } = context;
  const isOwn = context.shared?.stack === undefined;
  const postgres = isOwn
    ? await ChaosPostgres.start(session, { isDurable: !scale.isShort })
    : context.postgres;
  const stack = await startStack({ ...context, postgres }, { prefix: 'silent_postgres' });
  return playAll(context, stack, POSTGRES);
}

export async function silentRedisPart(context: Context): Promise<PartResult> {
  const stack = await startStack(context, { prefix: 'silent_redis' });
  return playAll(context, stack, REDIS);
}
