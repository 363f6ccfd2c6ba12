import { gzipSync } from 'node:zlib'

/** Beyond what the service reads of a body. */
const TOO_MUCH = 300_000
const DEEP = 20_000

/** What becomes of a body between the value and the wire; `at` says where, by any number. */
export const BYTE_CHANGES: Record<string, (body: Buffer, at: number) => Buffer> = {
  cut: (body, at) => body.subarray(0, at % Math.max(1, body.length)),
  empty: () => Buffer.alloc(0),
  mark: (body) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]),
  utf16: (body) => Buffer.from(body.toString('utf8'), 'utf16le'),
  badUtf8: (body, at) => put(body, at, [0xff, 0xfe, 0xc0, 0xaf]),
  badUtf8InText: (body) => put(body, body.indexOf('"') + 1, [0xed, 0xa0, 0x80]),
  nul: (body, at) => put(body, at, [0]),
  gzip: (body) => gzipSync(body),
  twice: (body) => Buffer.concat([body, body]),
  trailing: (body) => Buffer.concat([body, Buffer.from(' x')]),
  spaces: (body) => Buffer.concat([Buffer.from(' \r\n\t'.repeat(1_000)), body]),
  twoMembers: (body) => text(body, (each) => each.replace(/^\{("[^"]*"):/, '{$1:null,$1:')),
  ownProto: (body) => text(body, (each) => each.replace(/^\{/, '{"__proto__":{"x":1},')),
  ownConstructor: (body) =>
    text(body, (each) => each.replace(/^\{/, '{"constructor":{"prototype":{"x":1}},')),
  hugeNumber: (body) => text(body, (each) => each.replace(/:(\d+|"[^"]*"|true|false|null)/, ':1e400')),
  longNumber: (body) =>
    text(body, (each) => each.replace(/:(\d+|"[^"]*"|true|false|null)/, `:${'9'.repeat(400)}`)),
  minusZero: (body) => text(body, (each) => each.replace(/:(\d+|"[^"]*"|true|false|null)/, ':-0')),
  loneSurrogate: (body) => text(body, (each) => each.replace(/:"/, ':"\\ud800')),
  escapedNul: (body) => text(body, (each) => each.replace(/:"/, ':"\\u0000')),
  comment: (body) => Buffer.concat([Buffer.from('/* x */'), body]),
  notANumber: () => Buffer.from('NaN'),
  deepLists: () => Buffer.from('['.repeat(DEEP) + ']'.repeat(DEEP)),
  deepMembers: () => Buffer.from(`${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`),
  deepInside: (body) =>
    text(body, (each) => each.replace(/:("[^"]*"|\d+)/, `:${'['.repeat(5_000)}${']'.repeat(5_000)}`)),
  manyMembers: () =>
    text(Buffer.from('{}'), () => `{${Array.from({ length: 9_000 }, (_, at) => `"a${at}":1`)}}`),
  tooMuch: () => Buffer.from(JSON.stringify({ reason: 'x'.repeat(TOO_MUCH) })),
}

function put(body: Buffer, at: number, given: number[]): Buffer {
  const place = at % (body.length + 1)
  return Buffer.concat([body.subarray(0, place), Buffer.from(given), body.subarray(place)])
}

function text(body: Buffer, change: (text: string) => string): Buffer {
  return Buffer.from(change(body.toString('utf8')))
}
