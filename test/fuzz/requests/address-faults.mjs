// What can be wrong with a method, a path or a query string. Everything is sent as it stands here, byte for byte.
import { hostileText } from './hostile-values.mjs';
import { groupsOf } from './spellings.mjs';

/** What a careless client would make of a text in an address. Blanks and line ends would end the request line. */
const inAddress = (text, random) =>
  random.below(3) === 0
    ? Buffer.from(text)
        .toString('latin1')
        .replaceAll(/[\s\p{Cc}]/gu, '%20')
    : encodeURIComponent(text.toWellFormed());

const BROKEN = [
  '%',
  '%E0%A4%A',
  '%zz',
  '%00',
  '%ff',
  '%c0%af',
  '%2e%2e%2f',
  '%252e',
  '%u0041',
  '+',
  '&&',
  '=',
  ';',
];
const IDS = [
  'pi_',
  'pi_none',
  'PI_01M7Y5RH4RE6KRXXRPP491C5WC',
  `pi_${'0'.repeat(26)}`,
  `pi_${'z'.repeat(500)}`,
  're_none',
  '..',
  '.',
  '%2e%2e',
  '%2f',
  '%00',
  'null',
  '0',
  '-1',
  '*',
  '__proto__',
  'constructor',
  '%F0%9F%8E%AB',
];
const METHODS = [
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'GET',
  'POST',
  'PROPFIND',
  'get',
  'FOO',
  'QUERY',
];

/** Faults of `draft.method`, `draft.path` and `draft.query` (a list of raw `name=value`). */
export const ADDRESS_FAULTS = {
  method: (draft, random) => {
    draft.method = random.pick(METHODS);
    draft.isForeign = true;
  },
  id: (draft, random) => {
    draft.ids = () =>
      random.below(2) === 0 ? random.pick(IDS) : inAddress(hostileText(random), random);
    draft.isForeign = true;
  },
  path: (draft, random) => {
    const { path } = draft;
    draft.path = random.pick([
      `${path}/`,
      `/${path}`,
      path.toUpperCase(),
      path.replace('v1', 'v1/./'),
      path.replace('v1', 'v1%2f'),
      path.replace('/v1', '/x/../v1'),
      `${path}/${random.pick(BROKEN)}`,
      `${path};jsessionid=1`,
      `${path}/batch`,
      '*',
      `http://evil.example${path}`,
      `${path}#x`,
    ]);
    draft.isForeign = true;
  },
  longAddress: (draft, random) =>
    draft.query.push(`x=${'y'.repeat(random.pick([1_000, 4_090, 5_000, 20_000]))}`),
  unknownParameter: (draft, random) =>
    draft.query.push(`${random.pick(['x', '__proto__', 'constructor[prototype]', ''])}=1`),
  twice: (draft, random) => {
    const known = (draft.operation?.parameters ?? []).filter(
      (parameter) => parameter.in === 'query',
    );
    const name = known.length > 0 ? random.pick(known).name : 'limit';
    draft.query.push(`${name}=1`, `${name}=${random.pick(['2', '1', '', 'x'])}`);
  },
  array: (draft, random) =>
    draft.query.push(
      random.pick([
        'limit[]=1',
        'limit[0]=1',
        'limit[a]=1',
        'limit=1,2',
        'limit[__proto__][x]=1',
        'limit.a=1',
      ]),
    ),
  hostileQuery: (draft, random) => {
    const name = random.pick([
      'limit',
      'after',
      'reference',
      'status',
      'terminal',
      'created_after',
      'version',
    ]);
    draft.query.push(`${name}=${inAddress(hostileText(random).slice(0, 3_000), random)}`);
  },
  card: (draft, random) => {
    const { number: digits } = draft.card;
    const number = encodeURIComponent(random.pick([digits, groupsOf(digits, random)]));
    const choice = random.below(3);
    if (choice === 0) draft.query.push(`${random.pick(['reference', 'x'])}=${number}`);
    else if (choice === 1) draft.query.push(`${number}=1`);
    else draft.ids = () => number;
    draft.isForeign = true;
  },
  brokenQuery: (draft, random) =>
    draft.query.push(random.pick(BROKEN), `limit=${random.pick(BROKEN)}`),
  manyParameters: (draft, random) => {
    for (let count = random.pick([50, 400]); count > 0; count -= 1) draft.query.push(`p${count}=1`);
  },
};
