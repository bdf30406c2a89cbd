import { judgeAdvisories } from './audit.js';

const URL = 'https://github.com/advisories/GHSA-0000-0000-0000';
const report = JSON.stringify({
  vulnerabilities: {
    left: {
      name: 'left',
      via: [{ name: 'left', severity: 'high', title: 'Reads too far', url: URL }],
    },
    above: { name: 'above', via: ['left'] },
  },
});
const judge = (json: string, explained = {}) =>
  judgeAdvisories(json, { explained, today: '2026-11-21' });
const LINE = `high left: Reads too far ${URL}`;

it.each([
  ['nothing known', JSON.stringify({ vulnerabilities: {} }), {}, [], []],
  ['an advisory, once however many packages it reaches', report, {}, [LINE], []],
  ['one that is explained', report, { [URL]: { why: 'x', until: '2026-11-21' } }, [], [LINE]],
  ['one whose reason is too old', report, { [URL]: { why: 'x', until: '2026-11-20' } }, [LINE], []],
])('%s', (_, json, explained, open, known) => {
  expect(judge(json, explained)).toEqual({ open, explained: known });
});

it.each([
  ['an error of the registry', '{"message":"405 Method Not Allowed"}', '405 Method Not Allowed'],
  ['an error of npm', '{"error":{"summary":"no lock file"}}', 'no lock file'],
  ['a status alone', '{"message":"","error":{"summary":""},"statusCode":405}', '405'],
  ['no JSON', 'oh', 'no report'],
  ['nothing', '', 'no report'],
])('%s is no answer', (_, json, reason) => {
  expect(judge(json)).toEqual({ open: [], explained: [], reason });
});
