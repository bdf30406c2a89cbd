import { MalformedBody, readParameters, type ParameterSource } from './parameters.js';

const form = 'application/x-www-form-urlencoded';
const json = 'application/json;charset=UTF-8';

function read(source: Partial<ParameterSource>): Record<string, string> {
  return Object.fromEntries(
    readParameters({ method: 'POST', contentType: form, body: '', query: '', ...source }),
  );
}

describe('readParameters', () => {
  it.each<[string, Partial<ParameterSource>, Record<string, string>]>([
    [
      'JSON strings and numbers',
      { contentType: json, body: '{"a":"1","b":2.5}' },
      { a: '1', b: '2.5' },
    ],
    [
      'a JSON number beyond 2^53 exactly',
      { contentType: json, body: '{"transID":100135250426141606}' },
      { transID: '100135250426141606' },
    ],
    ['an empty JSON body', { contentType: json, body: ' \n' }, {}],
    [
      'the last of a repeated JSON member',
      { contentType: json, body: '{"a":"1","a":"2"}' },
      { a: '2' },
    ],
    ['JSON over several lines', { contentType: json, body: '{\n"a":\r\n"1"}' }, { a: '1' }],
    ['a JSON null as text', { contentType: json, body: '{"a":null}' }, { a: 'null' }],
    ['a JSON true as text', { contentType: json, body: '{"a":true}' }, { a: 'true' }],
    ['JSON values untrimmed', { contentType: json, body: '{"a":" 1 "}' }, { a: ' 1 ' }],
    ['a form', { body: 'a=1&b=x+y%2B' }, { a: '1', b: 'x y+' }],
    ['the first of a repeated form field', { body: 'a=1&a=2' }, { a: '1' }],
    ['form values trimmed', { body: 'a=+1+' }, { a: '1' }],
    ['an empty form value', { body: 'a=&b=1' }, { a: '', b: '1' }],
    ['the query of a POST before its body', { query: 'a=q&c=3', body: 'a=1' }, { a: 'q', c: '3' }],
    ['a body without content type as a form', { contentType: '', body: 'a=1' }, { a: '1' }],
    ['a body of another type as a form', { contentType: 'text/plain', body: 'a=1' }, { a: '1' }],
    ['a raw + of a form as a space', { body: 'public_key=a+b=' }, { public_key: 'a b=' }],
    [
      'multipart fields',
      {
        contentType: 'multipart/form-data; boundary="x1"',
        body: '--x1\r\nContent-Disposition: form-data; name="a"\r\n\r\n 1 \r\n--x1\r\ncontent-disposition: form-data; name="b"\r\nContent-Type: text/plain\r\n\r\ntwo\r\nlines\r\n--x1--\r\n',
      },
      { a: '1', b: 'two\r\nlines' },
    ],
    [
      'multipart without a boundary as nothing',
      { contentType: 'multipart/form-data', body: 'x' },
      {},
    ],
    ['the query of a GET', { method: 'GET', query: 'a=1&b=x%20y' }, { a: '1', b: 'x y' }],
    ['the last of a repeated GET field', { method: 'GET', query: 'a=1&a=2' }, { a: '2' }],
    [
      'a GET pair of more than two parts from the servlet only',
      { method: 'GET', query: 'a=1=2' },
      { a: '1=2' },
    ],
    [
      'a GET value without the = at its end',
      { method: 'GET', query: 'encrypted_data=ab==' },
      { encrypted_data: 'ab' },
    ],
    [
      'a raw + of a GET as a space',
      { method: 'GET', query: 'encrypted_data=a+b' },
      { encrypted_data: 'a b' },
    ],
    [
      'the public key of a GET repaired',
      { method: 'GET', query: 'public_key=a+b=' },
      { public_key: 'a+b=' },
    ],
    [
      'the escaped public key of a GET',
      { method: 'GET', query: 'public_key=a%2Bb%3D' },
      { public_key: 'a+b=' },
    ],
    ['an invalid escape of a GET unchanged', { method: 'GET', query: 'a=%zz' }, { a: '%zz' }],
  ])('reads %s', (_case, source, parameters) => {
    expect(read(source)).toEqual(parameters);
  });

  it.each(['{', '[]', '"a"', '1', 'null', '{"a":1'])('rejects the JSON body %j', (body) => {
    expect(() => read({ contentType: json, body })).toThrow(MalformedBody);
  });
});
