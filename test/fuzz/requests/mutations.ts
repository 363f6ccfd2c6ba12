import { gzipSync } from 'node:zlib'
import fc, { type Arbitrary } from 'fast-check'
import { anyCharacter } from '../../support/any-character.ts'
import { CALLERS } from '../callers.ts'
import type { Operation } from '../document/operations.ts'

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

/** One way in which a good request is broken. */
export type Twist =
  | { kind: 'method'; method: string }
  /** Puts raw text in the place of a part of the path. */
  | { kind: 'segment'; at: number; text: string }
  | { kind: 'suffix'; text: string }
  /** Raw text behind the question mark. */
  | { kind: 'query'; text: string }
  | { kind: 'repeatQuery'; at: number }
  | { kind: 'parameter'; name: string; value: string }
  | { kind: 'header'; name: string; value: string }
  /** Another value, a missing or a new member, somewhere in the body. */
  | { kind: 'value'; at: number; change: 'replace' | 'remove' | 'add' | 'wrap'; value: fc.JsonValue }
  | { kind: 'caller'; caller: string }
  /** The id of something of another kind. */
  | { kind: 'otherId'; of: number }
  | { kind: 'bytes'; change: string; at: number }
  | { kind: 'transport'; way: Way }

/** How a request goes over the wire, other than a client would send it. */
export type Way = (typeof WAYS)[number]

const WAYS = [
  'chunked',
  'slowBody',
  'cutBody',
  'http10',
  'noHost',
  'twoHosts',
  'absolute',
  'manyHeaders',
  'hugeHeader',
  'twoLengths',
  'lengthAndChunked',
  'badChunk',
  'bareLineFeeds',
  'badHeaderName',
  'headerBytes',
  'badVersion',
  'goAway',
] as const

const SEGMENTS = [
  ...['', '.', '..', '%2F', '%2e%2e', '%00', '%', '%zz', '%E0%A4%A', '%C0%AF', '%ED%A0%80', '%F0%9F%92%A9'],
  ...[
    '%252F',
    '__proto__',
    'constructor',
    '*',
    ':id',
    '{planId}',
    'a;b=c',
    "'",
    '%0d%0aX-A:%20b',
    ' ',
    '\u00e9',
  ],
  ...['00000000-0000-0000-0000-000000000000', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', '%5C..%5C', '<b>'],
  'x'.repeat(1_001),
  'x'.repeat(20_000),
]
const SUFFIXES = ['/', '//', '?', '#x', ';a=b', '%20', '.json', '/../', '/%2e', '?&&', '\\', '%3F']
const QUERIES = [
  ...['unknown=1', 'limit=1&limit=2', 'limit=', 'limit', '=', '&', '%zz=1', 'a=%', 'limit=%31', 'limit=1e1'],
  ...[
    'limit=-1',
    'limit=0',
    'limit=99999999999999999999',
    'limit=1.5',
    'limit=+5',
    'limit[]=1',
    'limit[a]=1',
  ],
  ...['__proto__=1', '__proto__[x]=1', 'constructor=1', 'toString=1', 'cursor=', 'cursor=%00', 'status=%FF'],
  ...[
    'cursor=eyJhIjoxfQ',
    'after=-1',
    'after=2147483648',
    'cluster=%2F',
    'cluster=/subscriptions//',
    'from=2026',
  ],
  ...['from=2026-02-30T00:00:00Z', 'createdAfter=0000-01-01T00:00:00Z', 'createdBefore=9999-12-31T23:59:60Z'],
  ...['createdAfter=+275761-01-01T00:00:00Z', 'createdBy=%ED%A0%80', `cursor=${'A'.repeat(3_000)}`],
  ...['createdAfter=2026-09-01T00:00:00%2B99:99', 'createdBy=%27%3B--', 'createdBy=%25', 'actor=%5C'],
]
const HEADERS: Record<string, string[]> = {
  'content-type': [
    ...[
      'text/plain',
      'application/xml',
      'application/json; charset=utf-16',
      'application/json;charset=latin1',
    ],
    ...[
      'application/jsonx',
      'application/problem+json',
      'multipart/form-data; boundary=x',
      ';',
      '',
      'a',
      '*/*',
    ],
    ...['application/x-www-form-urlencoded', 'APPLICATION/JSON', 'application/json, text/plain', 'text/json'],
  ],
  'content-encoding': ['gzip', 'br', 'identity', 'x'],
  accept: [
    ...[
      'text/html',
      'text/markdown',
      'text/csv',
      'text/event-stream',
      'application/xml',
      '',
      '*',
      'a/b/c',
      ';q',
    ],
    ...['application/json;q=0', '*/*;q=0', 'text/html;q=x, */*;q=2', `${'a/b,'.repeat(500)}c/d`],
  ],
  'accept-encoding': ['gzip', 'identity;q=0', '*;q=0'],
  'idempotency-key': ['', ' ', 'x'.repeat(255), 'x'.repeat(256), 'caf\u00e9', 'a\tb', '"quoted"', "'; --"],
  'if-none-match': ['', '*', 'x', '"', 'W/"', `${'"a",'.repeat(1_000)}"b"`, '"\u00ff"'],
  prefer: [
    'wait',
    'wait=',
    'wait=-1',
    'wait=0',
    'wait=1e9',
    'wait="1',
    'wait=1;wait=2',
    `${','.repeat(3_000)}`,
  ],
  'last-event-id': ['', '-1', 'x', '1.5', '99999999999999999999', '2147483648', ' 1 '],
  'x-request-id': ['', 'x'.repeat(300), 'a b', 'trace-1', '\u00e9', '{}'],
  traceparent: ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'x', '00-0-0-0'],
  authorization: ['Bearer x', 'Basic eDp5', 'Bearer', ''],
  'x-http-method-override': ['DELETE'],
  origin: ['null', 'https://page.invalid', 'x'],
  range: ['bytes=0-1', 'x'],
  expect: ['100-continue', 'x'],
  connection: ['close', 'upgrade', 'x'],
  upgrade: ['websocket', 'h2c'],
  'transfer-encoding': ['gzip', 'identity', 'chunked, chunked'],
  'content-length': ['-1', 'x', '0', '99999999999999'],
  cookie: ['a=b', ';'],
  'user-agent': ['', 'x'.repeat(2_000), '\u00ff\u00fe'],
  'x-forwarded-for': ['1.2.3.4', 'x', ','],
  host: ['', 'x', 'a b', '[::1', 'localhost:99999', 'x'.repeat(300), '\u00e9'],
}
const METHODS = [
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'BREW',
  'get',
  'QUERY',
]
const METHODS_OFTEN = fc.constantFrom(...METHODS)
const ODD_VALUES: fc.JsonValue[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e21,
    Number.MAX_SAFE_INTEGER,
    -2_147_483_649,
    '',
    ' ',
    [],
    {},
    [[]],
    [null],
  ],
  ...[
    '\u0000',
    '\ud800',
    '\udc00x',
    '\u202e',
    '\ufeff',
    'null',
    '1',
    '__proto__',
    "'; DROP TABLE plans; --",
    '%s%n',
  ],
  ...[
    'x'.repeat(501),
    'x'.repeat(1_001),
    'x'.repeat(70_000),
    '\u{1f4a9}'.repeat(260),
    '9999-12-31T23:59:60Z',
  ],
  ...[
    '2026-02-30T00:00:00Z',
    '0000-00-00T00:00:00Z',
    '2026-09-01T00:00:00.123456789012Z',
    '2026-09-01 00:00:00Z',
  ],
  ...['+275761-01-01T00:00:00Z', '2026-09-01T00:00:00+99:99', '01990000-0000-7000-8000-000000000001'],
  ...[
    '0.0.0.0/0',
    '256.1.1.1',
    '::',
    '1.1.1.1/33',
    '/subscriptions/x',
    '/subscriptions/%2e%2e/..',
    '../../etc',
  ],
]
const oddValue = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ODD_VALUES) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.string({ unit: anyCharacter }) },
  { weight: 1, arbitrary: fc.array(fc.constant('1'), { minLength: 51, maxLength: 300 }) },
)
const encoded = fc.string({ unit: anyCharacter }).map((each) => encodeURIComponent(each.toWellFormed()))

/** The ways in which a request of this operation can be broken. */
export function aTwist(operation: Operation): Arbitrary<Twist> {
  const header = fc
    .constantFrom(...Object.keys(HEADERS))
    .chain((name) => fc.tuple(fc.constant(name), fc.constantFrom(...(HEADERS[name] ?? []))))
    .map(([name, value]): Twist => ({ kind: 'header', name, value }))
  const names = operation.parameters.filter((each) => each.in === 'query').map(({ name }) => name)
  const parameter = fc
    .tuple(
      fc.constantFrom(...names, 'unknown'),
      fc.oneof(encoded, fc.constantFrom('', '%00', 'null', '[]', '%F0')),
    )
    .map(([name, value]): Twist => ({ kind: 'parameter', name, value }))
  const inBody = operation.method === 'POST' || operation.method === 'PUT' || operation.method === 'PATCH'
  return fc.oneof(
    { weight: 2, arbitrary: METHODS_OFTEN.map((method): Twist => ({ kind: 'method', method })) },
    { weight: 3, arbitrary: segment() },
    { weight: 1, arbitrary: fc.constantFrom(...SUFFIXES).map((text): Twist => ({ kind: 'suffix', text })) },
    { weight: 2, arbitrary: fc.constantFrom(...QUERIES).map((text): Twist => ({ kind: 'query', text })) },
    { weight: 1, arbitrary: fc.nat(3).map((at): Twist => ({ kind: 'repeatQuery', at })) },
    { weight: names.length > 0 ? 3 : 1, arbitrary: parameter },
    { weight: 4, arbitrary: header },
    { weight: operation.body === null ? 1 : 10, arbitrary: value() },
    {
      weight: 2,
      arbitrary: fc.constantFrom(...CALLERS).map((caller): Twist => ({ kind: 'caller', caller })),
    },
    { weight: 1, arbitrary: fc.nat(9).map((of): Twist => ({ kind: 'otherId', of })) },
    { weight: inBody ? 4 : 1, arbitrary: bytes() },
    { weight: 2, arbitrary: fc.constantFrom(...WAYS).map((way): Twist => ({ kind: 'transport', way })) },
  )
}

function segment(): Arbitrary<Twist> {
  const text = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...SEGMENTS) },
    { weight: 1, arbitrary: encoded },
  )
  return fc.record({ kind: fc.constant('segment' as const), at: fc.nat(6), text })
}

function value(): Arbitrary<Twist> {
  return fc.record({
    kind: fc.constant('value' as const),
    at: fc.nat(40),
    change: fc.constantFrom('replace', 'replace', 'remove', 'add', 'wrap'),
    value: oddValue,
  })
}

function bytes(): Arbitrary<Twist> {
  const change = fc.constantFrom(...Object.keys(BYTE_CHANGES))
  return fc.record({ kind: fc.constant('bytes' as const), change, at: fc.nat(1_000) })
}

type Value = Extract<Twist, { kind: 'value' }>
type Place = { holder: Record<string, unknown>; name: string }

/** The body with one of its values other than it was; the body itself is left as it is. */
export function brokenValue(body: unknown, { at, change, value }: Value): unknown {
  const root = { body: structuredClone(body) } as Record<string, unknown>
  const places = placesIn(root)
  const place = places[at % places.length]
  if (place === undefined) return body
  const { holder, name } = place
  const found = holder[name]
  if (change === 'wrap') holder[name] = [found]
  else if (change === 'remove' && holder !== root) remove(holder, name)
  else if (change === 'add' && typeof found === 'object' && found !== null) add(found as object, value)
  else holder[name] = value
  return root.body
}

function remove(holder: Record<string, unknown>, name: string): void {
  if (Array.isArray(holder)) holder.splice(Number(name), 1)
  else delete holder[name]
}

function add(holder: object, value: unknown): void {
  if (Array.isArray(holder)) holder.push(value, ...holder.slice(0, 1))
  else Object.defineProperty(holder, 'unknownMember', { value, enumerable: true, configurable: true })
}

/** Every place of a value that can be changed, the whole of it first. */
function placesIn(holder: Record<string, unknown>): Place[] {
  return Object.entries(holder).flatMap(([name, value]) => {
    const inner =
      typeof value === 'object' && value !== null ? placesIn(value as Record<string, unknown>) : []
    return [{ holder, name }, ...inner]
  })
}
