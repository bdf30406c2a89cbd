// The settings section that every app has.
import { LOG_LEVELS } from '../logging.js';
import { port } from './number-variables.js';
import { oneOf, text } from './text-variables.js';
import type { VariableOptions } from './variable.js';

/** The section `http` of an app: its address and its log level. */
export function httpSection(portName: string, options: VariableOptions<number>) {
  return {
    host: text('HOST', { description: 'address to listen on', default: '127.0.0.1' }),
    port: port(portName, options),
    logLevel: oneOf('LOG_LEVEL', LOG_LEVELS, {
      description: 'least severe log line written',
      default: 'info',
    }),
  };
}
