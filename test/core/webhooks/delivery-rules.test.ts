import t from 'tap'
import type { Attempt } from '../../../src/contract/delivery.ts'
import {
  isAllowedByOperator,
  isReachableReceiver,
  isSecret,
  MAX_ATTEMPTS,
  nextAttemptAt,
  parseRetryAfter,
} from '../../../src/core/webhooks/delivery-rules.ts'
import { generateSecret } from '../../../src/webhooks/send.ts'

const PUBLIC = ['20.10.0.4', '1.1.1.1', '8.8.8.8', '2606:4700:4700::1111', '::ffff:20.10.0.4']

/** By the registries of IANA for special addresses, IPv4 and IPv6, and what Azure adds. */
const SPECIAL = [
  ['loopback', '127.0.0.1', '127.255.255.254', '::1'],
  ['unspecified', '0.0.0.0', '0.1.2.3', '::'],
  ['private', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fd00::1', 'fc00::1'],
  ['link-local', '169.254.169.254', '169.254.0.1', 'fe80::1'],
  ['shared by carriers', '100.64.0.1', '100.127.255.255'],
  ["Azure's own", '168.63.129.16', '::ffff:168.63.129.16'],
  ['documentation and tests', '192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '2001:db8::1'],
  ['multicast and broadcast', '224.0.0.1', '255.255.255.255', 'ff02::1'],
  ['reserved', '240.0.0.1', '192.0.0.1'],
  [
    'IPv4 inside IPv6',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001::1',
    '::7f00:1',
    '::127.0.0.1',
  ],
  ['not given out to be reached', '200::1', '4000::1', 'f000::1'],
  ['no address', '', 'localhost', '10.0.0.0/8', '1.2.3.4.5'],
]

t.test('messages go to public addresses', async (t) => {
  for (const address of PUBLIC) t.ok(isReachableReceiver(address, []), address)
})

for (const [kind, ...addresses] of SPECIAL)
  t.test(`messages do not go to what is ${kind}`, async (t) => {
    for (const address of addresses) t.notOk(isReachableReceiver(address, []), address)
  })

t.test('an operator can allow networks and single addresses, and nothing beside them', async (t) => {
  const allowed = ['10.20.0.0/16', '127.0.0.1', 'fd00::/8']
  for (const address of ['10.20.3.4', '127.0.0.1', 'fd00::5', '::ffff:10.20.3.4'])
    t.ok(isReachableReceiver(address, allowed) && isAllowedByOperator(address, allowed), address)
  for (const address of ['10.21.0.1', '127.0.0.2', 'fe80::1', '169.254.169.254'])
    t.notOk(isReachableReceiver(address, allowed) || isAllowedByOperator(address, allowed), address)
  t.ok(isReachableReceiver('20.10.0.4', allowed), 'public addresses stay as they were')
  t.notOk(isAllowedByOperator('20.10.0.4', allowed))
})

const FAILED: Attempt = {
  at: '2026-09-01T00:00:00.000Z',
  outcome: 'REFUSED',
  status: 500,
  durationMs: 250,
}
const END = Date.parse(FAILED.at) + FAILED.durationMs

function secondsUntilNext(made: number, retryAfter: number | null = null, random = 0): number | null {
  const next = nextAttemptAt(FAILED, made, retryAfter, random)
  return next === null ? null : (next.getTime() - END) / 1_000
}

t.test('the waits are those that Standard Webhooks advises, and after the last there is none', async (t) => {
  const minute = 60
  const hour = 3_600
  t.strictSame(
    Array.from({ length: MAX_ATTEMPTS }, (_, index) => secondsUntilNext(index + 1)),
    [5, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour, null],
  )
})

t.test('jitter lengthens a wait by at most a tenth, and never shortens it', async (t) => {
  t.equal(secondsUntilNext(2, null, 0), 300)
  t.equal(secondsUntilNext(2, null, 0.5), 315)
  t.equal(secondsUntilNext(2, null, 1), 330)
})

t.test('a longer Retry-After of a receiver is respected, up to a day', async (t) => {
  t.equal(secondsUntilNext(1, 60), 60)
  t.equal(secondsUntilNext(2, 60), 300)
  t.equal(secondsUntilNext(1, 10 * 86_400), 86_400)
  t.equal(secondsUntilNext(MAX_ATTEMPTS, 60), null, 'a wish adds no attempt')
})

t.test('Retry-After is seconds or a date', async (t) => {
  const now = new Date('2026-09-01T00:00:00.000Z')
  t.equal(parseRetryAfter('120', now), 120)
  t.equal(parseRetryAfter(' 7 ', now), 7)
  t.equal(parseRetryAfter('Tue, 01 Sep 2026 00:01:30 GMT', now), 90)
  t.equal(parseRetryAfter('Mon, 31 Aug 2026 00:00:00 GMT', now), 0)
  t.equal(parseRetryAfter('soon', now), null)
  t.equal(parseRetryAfter(undefined, now), null)
})

const secretOf = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`

t.test('a secret is 24 to 64 bytes', async (t) => {
  for (let bytes = 20; bytes <= 70; bytes++)
    t.equal(isSecret(secretOf(bytes)), bytes >= 24 && bytes <= 64, `${bytes} bytes`)
})

t.test('a secret is complete base64 after its prefix', async (t) => {
  t.ok(isSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'))
  for (const text of [
    '',
    'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwA',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_',
    `${secretOf(25)}=`,
    `${secretOf(24)} `,
  ])
    t.notOk(isSecret(text), text)
})

t.test('generated secrets are valid and unique', async (t) => {
  const secrets = Array.from({ length: 50 }, generateSecret)
  t.ok(secrets.every(isSecret))
  t.equal(new Set(secrets).size, secrets.length)
})
