// Writes one JSON line per entry to stdout, through pino. Callers choose the logged fields one by
// one. This file is the second line of defence, for a field that should not have been logged.
import { type DestinationStream, type LogFn, pino, stdTimeFunctions } from 'pino';
import { types } from 'node:util';
import { errorCodeOf } from './error-code.js';
import { currentTraceIds } from './tracing.js';

/**
 * The logger of all processes, implemented by pino. Call it as `log.info({ field }, 'message')`. It
 * is an abstract class, so that Nest injects it by type.
 */
export abstract class Logger {
  abstract readonly trace: LogFn;
  abstract readonly debug: LogFn;
  abstract readonly info: LogFn;
  abstract readonly warn: LogFn;
  abstract readonly error: LogFn;
  abstract readonly fatal: LogFn;
}

/** The log levels that may be set, most verbose first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Options of a logger. `redact` adds field names, at the top level or one below, whose values are
 * never printed.
 */
export interface LoggerOptions {
  readonly name: string;
  readonly level?: LogLevel;
  readonly redact?: readonly string[];
  readonly destination?: DestinationStream;
}

/** Field names whose values are never printed. */
const NEVER_PRINTED = [
  'authorization',
  'body',
  'cookie',
  'headers',
  'jwe',
  'key',
  'keys',
  'password',
  'secret',
  'token',
];

/** Returns a logger that writes JSON lines with ISO times, level names and the process's name. */
export function createLogger(options: LoggerOptions): Logger {
  const { name, level = 'info', redact = [], destination } = options;
  const fields = [...NEVER_PRINTED, ...redact];
  const settings = {
    level,
    base: { name },
    mixin: currentTraceIds,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: fields.flatMap((field) => [field, `*.${field}`]), censor: '***' },
    serializers: { err: describeError },
  };
  return destination ? pino(settings, destination) : pino(settings);
}

/**
 * The printable parts of an error. Drivers attach rows, parameters and whole requests to their
 * errors; those are omitted.
 */
export interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorDescription;
}

/**
 * Errors whose message quotes a request's body or the arguments of a call, and the texts printed
 * instead.
 */
const QUOTING: Readonly<Partial<Record<string, string>>> = {
  SyntaxError: 'a text that cannot be parsed',
  PrismaClientValidationError: 'a call of Prisma with invalid arguments',
};

/**
 * Runs of digits as long as an account number, contiguous or in groups, wherever an error text may
 * quote one.
 */
const LONG_DIGIT_RUN = /\d(?:[ \-._/]?\d){11,}/g;

/** Returns the printable part of an error and of its causes, at most three deep. */
export function describeError(error: unknown, depth = 3): ErrorDescription {
  if (!types.isNativeError(error))
    return { type: typeof error, message: 'a value that is not an Error' };
  const code = errorCodeOf(error);
  return {
    type: error.name,
    message: QUOTING[error.name] ?? masked(error.message),
    ...(code === undefined ? {} : { code }),
    ...(error.stack === undefined ? {} : { stack: framesOf(error.stack) }),
    ...(error.cause === undefined || depth <= 1
      ? {}
      : { cause: describeError(error.cause, depth - 1) }),
  };
}

/** Returns the frames of a stack without the first line, which repeats the message. */
function framesOf(stack: string): string {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return frames.map((line) => line.trim()).join('\n');
}

function masked(text: string): string {
  return text.replace(LONG_DIGIT_RUN, '…');
}

/**
 * Writes Nest's own messages to our logger: warnings and worse only, because its startup messages
 * carry no information. It has the form of Nest's `LoggerService`.
 */
export class NestLogger {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  log(): void {}
  debug(): void {}
  verbose(): void {}

  warn(message: unknown, context?: string): void {
    this.#log.warn({ context }, textOf(message));
  }

  error(message: unknown, stack?: string, context?: string): void {
    if (message instanceof Error) this.#log.error({ err: message, context }, 'nest');
    else this.#log.error({ stack: stack && framesOf(stack), context }, textOf(message));
  }

  fatal(message: unknown, context?: string): void {
    this.#log.fatal({ context }, textOf(message));
  }
}

function textOf(message: unknown): string {
  return typeof message === 'string' ? masked(message) : 'nest';
}
