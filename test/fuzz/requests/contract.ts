// The api's own `/openapi.json` and HTTP as the judges of an answer: no fault of ours, in time, in
// its form, and no acceptance of a request that no server may accept.
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { z } from 'zod';
import type { Answer } from '../../support/raw-client.js';

export type Schema = z.core.JSONSchema.BaseSchema;
export type Schemas = Readonly<Record<string, Schema>>;
type Media = { readonly schema: Schema; readonly examples?: Record<string, { value: unknown }> };
type Content = Readonly<Record<string, Media>>;
interface Documented {
  readonly operationId: string;
  readonly parameters?: readonly { name: string; in: string; schema?: Schema }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
export type Operation = Documented & { readonly method: string; readonly path: string };
/** The parts of OpenAPI 3.1 that matter here. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>>;
  readonly components: { readonly schemas: Schemas };
}

/** The part of a request that the judges see. */
export interface Judgeable {
  /** None for a request that is not in the document. */
  readonly operation: Operation | undefined;
  readonly isHead?: boolean;
  /** The answer may be an error in the gateway's form, or its 504 for an unknown outcome. */
  readonly isGatewayForm?: boolean;
  /** The server may hang up without an answer. */
  readonly mayBeCut?: boolean;
  /** The reason that no server may accept it. */
  readonly mustBeRefused?: string | undefined;
}

/** A longer time without an answer, beyond the time that the request asked for, is a hang. */
export const HANG_MS = 10_000;
/** In the document once for all operations: the request is no request for this API at all. */
const TRANSPORT_STATUSES = [400, 405, 408, 413, 414, 415, 417, 431];
const PROBLEM_TYPE = 'application/problem+json';
const PROBLEM: Content = {
  [PROBLEM_TYPE]: { schema: { $ref: 'api#/components/schemas/Problem' } },
};
/** Errors at the gateway's addresses; those of the framework are problems there too. */
const GATEWAY_ERROR = { anyOf: [{ required: ['error'] }, { required: ['error_number'] }] };
const ERRORS_THERE: Content = { ...PROBLEM, 'application/json': { schema: GATEWAY_ERROR } };
export const NDJSON_TYPE = 'application/x-ndjson';
const JSON_TYPE = /^application\/json(?:\s*;\s*charset=(?:utf-8|"utf-8"))?$/i;

/** True of the addresses that services written for the gateway call. */
export const isGatewayForm = (path: string): boolean => path.startsWith('/api/');

export class Contract {
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });
  readonly operations: readonly Operation[];
  readonly schemas: Schemas;

  constructor(document: OpenApi) {
    const text = JSON.stringify(document).replaceAll('"#/components', '"api#/components');
    const { paths, components } = JSON.parse(text) as OpenApi;
    this.schemas = components.schemas;
    this.#ajv.addSchema({ $id: 'api', components });
    // Operators' addresses reject every key of a merchant; their own tests send them what is odd.
    const ofCallers = Object.entries(paths).filter(([path]) => !path.startsWith('/v1/ops/'));
    this.operations = ofCallers.flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, documented]) => {
        return { ...documented, method: method.toUpperCase(), path };
      }),
    );
  }

  static async read(apiUrl: string): Promise<Contract> {
    return new Contract((await (await fetch(`${apiUrl}/openapi.json`)).json()) as OpenApi);
  }

  /** The fault of a value of a schema, or of one by its name, in words. */
  faultOf(schema: Schema | string, value: unknown): string | undefined {
    const known = typeof schema === 'string' ? this.schemas[schema] : schema;
    if (known === undefined) return `there is no schema ${JSON.stringify(schema)}`;
    // Ajv compiles each once.
    const validate = this.#ajv.compile(known);
    if (validate(value)) return undefined;
    return this.#ajv.errorsText(validate.errors ?? null, { dataVar: 'body' });
  }

  /** The faults of an answer, in words; empty if it is right. */
  problems(request: Judgeable, answer: Answer): string[] {
    const { isHead = false, mayBeCut = false, mustBeRefused, isGatewayForm: isOther } = request;
    const { ended, status = Number.NaN, ms } = answer;
    if (ended === 'late') return [`no answer within ${Math.round(ms / 1_000)} s`];
    if (ended === 'cut') return mayBeCut ? [] : ['the connection was closed without an answer'];
    if (!(status >= 200 && status < 600)) return [`no status: ${status}`];
    const wasAccepted = mustBeRefused !== undefined && status < 400;
    // An answer to HEAD has no body.
    const fault = isHead ? undefined : this.#answerFault(request, status, answer);
    const faultOfOurs = status >= 500 && !(isOther && status === 504) ? [`status ${status}`] : [];
    const acceptance = wasAccepted ? [`${mustBeRefused} was answered ${status}`] : [];
    return [...faultOfOurs, ...acceptance, ...(fault === undefined ? [] : [fault])];
  }

  #answerFault(request: Judgeable, status: number, { type, text = '' }: Answer) {
    const { operation, isGatewayForm: isOther } = request;
    const error = isOther ? ERRORS_THERE : PROBLEM;
    const documented = operation?.responses[status];
    if (!documented && operation && !TRANSPORT_STATUSES.includes(status))
      return `${status} is not documented for ${operation.operationId}`;
    const content = documented?.content ?? (status >= 400 ? error : undefined);
    if (content === undefined) return undefined;
    const media = content[type?.split(';')[0]?.trim().toLowerCase() ?? ''];
    if (!media) return `${status} has the content type ${type}`;
    if (media.schema.type === 'string') return undefined;
    // Of NDJSON each line is a value.
    const values = type?.startsWith(NDJSON_TYPE) ? text.split('\n').filter(Boolean) : [text];
    try {
      const faults = values.map((value) => this.faultOf(media.schema, JSON.parse(value)));
      return faults.find((fault) => fault !== undefined);
    } catch {
      return `${status} is no JSON`;
    }
  }
}

/**
 * The reason that no server may accept a request with a body and this head; undefined if there is
 * none.
 */
export function whyRefused(head: string): string | undefined {
  const values = (name: string) =>
    Array.from(head.matchAll(new RegExp(`^${name}:(.*)$`, 'gim')), ([, value = '']) =>
      value.trim(),
    );
  const types = values('content-type');
  const isStream = /^\S+ \S*\/batch[?# ]/.test(head) && types[0]?.startsWith(NDJSON_TYPE);
  const isRight = types.length === 1 && (isStream || JSON_TYPE.test(types[0] ?? ''));
  // The gateway reads every other type as a form.
  if (!isRight && !/^\S+ [^? ]*\/api\//.test(head)) return `a body of types ${types.join(' and ')}`;
  if (values('content-encoding').some((coding) => coding !== 'identity')) return 'an encoded body';
  // No fault names the right one.
  return values('content-digest').length > 0 ? 'a body of another digest' : undefined;
}
