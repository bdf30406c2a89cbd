// The api's own `/openapi.json`: which operations there are, and what each may answer.
import { Ajv2020 } from 'ajv/dist/2020.js';

/** Documented once for all operations, in the description of the document: what is no request for this API at all. */
export const TRANSPORT_STATUSES = [400, 405, 408, 413, 414, 415, 417, 431];

const typeOf = (header) => header?.split(';')[0].trim().toLowerCase();
const PROBLEM_TYPE = 'application/problem+json';

export class Contract {
  #ajv = new Ajv2020({ strict: false, validateFormats: false });
  #validators = new Map();

  /** @param {object} document an OpenAPI 3.1 document */
  constructor(document) {
    this.document = document;
    this.#ajv.addSchema({ $id: 'api', components: document.components });
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        ...operation,
      })),
    );
  }

  static async read(apiUrl) {
    return new Contract(await (await fetch(`${apiUrl}/openapi.json`)).json());
  }

  /** What is wrong with a value that should fit the named schema; undefined when nothing is. */
  faultOf(name, value) {
    return this.#fault({ $ref: `#/components/schemas/${name}` }, value);
  }

  /**
   * What is wrong with the form of an answer; undefined when nothing is.
   * @param {object | undefined} operation of {@link operations}; none for what is not in the document
   * @param {{ status: number, type?: string, text: string }} answer
   */
  answerFault(operation, { status, type, text }) {
    const documented = operation?.responses[status];
    if (!documented && operation && !TRANSPORT_STATUSES.includes(status))
      return `${status} is not documented for ${operation.operationId}`;
    const content = documented?.content ?? (status >= 400 ? PROBLEM : undefined);
    if (content === undefined) return undefined;
    const media = content[typeOf(type)];
    if (!media) return `${status} has the content type ${type}`;
    if (media.schema.type === 'string') return undefined;
    const value = parsed(text);
    if (value === undefined) return `${status} is no JSON`;
    return this.#fault(media.schema, value);
  }

  #fault(schema, value) {
    const key = JSON.stringify(schema);
    if (!this.#validators.has(key)) this.#validators.set(key, this.#ajv.compile(absolute(schema)));
    const validate = this.#validators.get(key);
    if (validate(value)) return undefined;
    return this.#ajv.errorsText(validate.errors, { dataVar: 'body' });
  }
}

const PROBLEM = { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } };

function absolute(schema) {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components'));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
