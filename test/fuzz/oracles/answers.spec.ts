// Goal: what judges an answer of the api finds what it is meant to find. Method: one thing wrong a row, beside answers that are right.
import { Contract } from '../requests/contract.mjs';
import { answerProblems } from './answers.mjs';

const contract = new Contract({
  paths: {
    '/things': {
      get: {
        operationId: 'listThings',
        responses: {
          200: {
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
          },
          422: {
            content: {
              'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
            },
          },
        },
      },
    },
  },
  components: {
    schemas: {
      Thing: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
      Problem: { type: 'object', required: ['code'], properties: { code: { type: 'string' } } },
    },
  },
});
const [operation] = contract.operations;
const JSON_TYPE = 'application/json; charset=utf-8';
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
const RIGHT = {
  ended: 'answered',
  ms: 5,
  status: 200,
  type: JSON_TYPE,
  text: '{"id":"a"}',
} as const;
const PROBLEM = { ...RIGHT, status: 422, type: PROBLEM_TYPE, text: '{"code":"x"}' };

it.each([
  ['a documented one', RIGHT],
  ['a documented problem', PROBLEM],
  ['one that every operation shares', { ...PROBLEM, status: 413 }],
])('finds nothing wrong with %s', (_, answer) => {
  expect(answerProblems(contract, { operation }, answer)).toEqual([]);
});

it.each([
  ['a fault of ours', { ...PROBLEM, status: 500 }, /status 500/],
  ['one that is away', { ...PROBLEM, status: 503 }, /status 503/],
  ['a status nobody documented', { ...RIGHT, status: 201 }, /201 is not documented/],
  ['a body that breaks its schema', { ...RIGHT, text: '{"id":1}' }, /must be string/],
  ['a body without what it must have', { ...RIGHT, text: '{}' }, /required property 'id'/],
  ['no JSON', { ...RIGHT, text: '<html>' }, /no JSON/],
  ['another content type', { ...RIGHT, type: 'text/html' }, /content type text\/html/],
  ['a problem in no form', { ...PROBLEM, type: undefined, text: '' }, /content type undefined/],
  ['a hang', { ended: 'late', ms: 12_000 }, /no answer within 12 s/],
  ['a crash', { ended: 'cut', ms: 1 }, /closed without an answer/],
  ['no status', { ...RIGHT, status: Number.NaN }, /no status/],
] as const)('finds %s', (_, answer, problem) => {
  expect(answerProblems(contract, { operation }, answer as typeof RIGHT).join()).toMatch(problem);
});

it('demands the form of a problem also where the document knows no operation', () => {
  const request = { operation: undefined };
  expect(answerProblems(contract, request, { ...PROBLEM, status: 404 })).toEqual([]);
  expect(answerProblems(contract, request, { ...PROBLEM, status: 404, text: '{}' })).toHaveLength(
    1,
  );
});

it('lets the server hang up on what is no request', () => {
  const request = { operation, mayBeCut: true };
  expect(answerProblems(contract, request, { ended: 'cut', ms: 1 })).toEqual([]);
  expect(answerProblems(contract, request, { ended: 'late', ms: 12_000 })).toHaveLength(1);
});

it('lets nobody take what must be refused', () => {
  const request = { operation, mustBeRefused: 'a form' };
  expect(answerProblems(contract, request, RIGHT)).toEqual(['a form was answered 200']);
  expect(answerProblems(contract, request, PROBLEM)).toEqual([]);
});
