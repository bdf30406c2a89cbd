// Describes one operation of operators: who may call it, and its usual responses.
import type { ComponentName } from './components.js';
import { answer, json, type OperationObject, pathParameter, problems } from './operation.js';

export const OPERATORS_TAGS = ['Operations'];

/** A cookie of `POST /v1/ops/session`, or an ops key as bearer. */
export function ofOperators(
  scope: 'ops:read' | 'ops:write',
): Pick<OperationObject, 'tags' | 'security' | 'x-required-scope'> {
  return {
    tags: OPERATORS_TAGS,
    security: [{ opsSession: [] }, { opsKey: [] }],
    'x-required-scope': scope,
  };
}

/** The refusal of a change. */
export const changes = {
  403: answer('The caller may not act, or the request comes from another site.', {
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
  }),
};

/** Describes an operation that reads, with the scope `ops:read`. */
export function reads(
  operationId: string,
  summary: string,
  schema: ComponentName,
  more: Pick<OperationObject, 'parameters'> & {
    readonly description: string;
    readonly faults?: number[];
  },
): OperationObject {
  const { faults = [], ...rest } = more;
  return {
    operationId,
    summary,
    ...rest,
    ...ofOperators('ops:read'),
    responses: {
      200: answer(summary, json(schema)),
      ...problems(401, 403, ...(faults as (404 | 409 | 422)[]), 429, 503),
    },
  };
}

/** Describes an action with the scope `ops:write`, which the audit names. */
export function acts(
  operationId: string,
  summary: string,
  body: ComponentName,
  options: {
    readonly description: string;
    readonly id?: string;
    /** The name of the parameter that `id` describes. */
    readonly idName?: string;
    readonly result?: ComponentName;
  },
): OperationObject {
  const { description, id, idName = 'id', result = 'ActionDone' } = options;
  return {
    operationId,
    summary,
    description: `${description} A 409 \`action_refused\` gives the reason in \`detail\`.`,
    ...(id !== undefined && { parameters: [pathParameter(idName, id)] }),
    ...ofOperators('ops:write'),
    requestBody: { required: true, content: json(body) },
    responses: {
      200: answer('Done, or proposed to a second operator.', json(result)),
      ...problems(400, 401, 409, 413, 415, 422, 429, 503),
      ...(id !== undefined && problems(404)),
      ...changes,
    },
  };
}
