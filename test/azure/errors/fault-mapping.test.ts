import t from 'tap'
import { type ArmFaultKind, parseRetryAfter } from '../../../src/azure/errors/arm-fault.ts'
import {
  faultOfConnection,
  faultOfCredential,
  faultOfResponse,
  faultOfSdkError,
  kindOfStatus,
  readArmError,
  safeMessage,
} from '../../../src/azure/errors/fault-mapping.ts'
import type { JsonObject } from '../../../src/contract/json.ts'
import { interactions, recording } from '../recordings.ts'

const NOW = Date.parse('2026-10-05T12:00:00Z')
const faultOf = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  faultOfResponse({ status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) }, NOW)

t.test('classifies faults by status', async (t) => {
  const table: [number, ArmFaultKind][] = [
    [302, 'unknown'],
    [400, 'refused'],
    [401, 'unauthenticated'],
    [403, 'denied'],
    [404, 'not-found'],
    [408, 'transient'],
    [409, 'conflict'],
    [410, 'not-found'],
    [412, 'precondition-failed'],
    [415, 'refused'],
    [422, 'refused'],
    [429, 'throttled'],
    [500, 'transient'],
    [501, 'transient'],
    [503, 'transient'],
    [504, 'transient'],
  ]
  for (const [status, kind] of table) t.equal(kindOfStatus(status), kind, String(status))
})

t.test('reads both dialects, and neither', async (t) => {
  const words = { code: 'EtagMismatch', message: 'Operation is not allowed', target: 'networkProfile' }
  const table: [string, unknown, { code: string; message: string; target: string | null }][] = [
    ['wrapped', { error: words }, words],
    ['unwrapped', { ...words, details: null, subcode: '' }, words],
    ['without a target', { error: { code: 'A', message: 'b' } }, { code: 'A', message: 'b', target: null }],
    [
      'nothing but details',
      { code: 'A', details: [{}, { code: 'B', message: 'inner' }] },
      { code: 'A', message: 'inner', target: null },
    ],
    [
      'Entra',
      { error: 'invalid_token', error_description: 'expired' },
      { code: 'invalid_token', message: 'expired', target: null },
    ],
    [
      'HTML',
      '<html>Bad gateway</html>',
      {
        code: 'HttpStatus409',
        message: 'Azure Resource Manager returned HTTP status 409.',
        target: null,
      },
    ],
    [
      'empty',
      '',
      {
        code: 'HttpStatus409',
        message: 'Azure Resource Manager returned HTTP status 409.',
        target: null,
      },
    ],
    [
      'null',
      null,
      {
        code: 'HttpStatus409',
        message: 'Azure Resource Manager returned HTTP status 409.',
        target: null,
      },
    ],
    [
      'wrong types',
      { code: 7, message: {} },
      {
        code: 'HttpStatus409',
        message: 'Azure Resource Manager returned HTTP status 409.',
        target: null,
      },
    ],
  ]
  for (const [name, body, expected] of table) {
    const { code, message, target, kind } = faultOf(409, body)
    t.strictSame({ code, message, target, kind }, { ...expected, kind: 'conflict' }, name)
  }
})

t.test('reads every error of the public issues and of the recordings', async (t) => {
  const { errors } = recording<{ errors: { status: number | null; body?: JsonObject }[] }>(
    'errors-from-public-issues.json',
  )
  const withBody = errors.filter(({ body, status }) => body !== undefined && status !== null)
  t.ok(withBody.length >= 2)
  for (const { status, body } of withBody) {
    const fault = faultOf(status!, body)
    t.match(fault, {
      kind: status === 409 ? 'conflict' : 'refused',
      code: body!.code,
      message: body!.message,
    })
  }
  t.equal(faultOf(400, withBody[0]!.body).target, 'networkProfile.loadBalancerProfile')
  const missing = interactions().find(({ status }) => status === 404)
  t.match(faultOf(404, missing!.responseBody), { kind: 'not-found', code: 'ResourceNotFound' })
  const warned = interactions().filter(
    ({ responseBody }) => responseBody?.error !== undefined && responseBody.status,
  )
  t.ok(warned.length >= 3)
  for (const { responseBody } of warned)
    t.equal(readArmError(responseBody!.error)?.code, 'NotLatestOperation')
})

t.test('keeps the Retry-After and the request ID of ARM', async (t) => {
  const fault = faultOf(
    429,
    { error: { code: 'TooManyRequests', message: 'slow' } },
    { 'retry-after': '17', 'x-ms-request-id': 'r1' },
  )
  t.match(fault, { kind: 'throttled', retryAfterMs: 17_000, requestId: 'r1', status: 429 })
  t.equal(faultOf(500, '', { 'x-ms-correlation-request-id': 'c1' }).requestId, 'c1')
})

t.test('reads a wait in seconds or as a date', async (t) => {
  const table: [string | undefined, number | null][] = [
    ['0', 0],
    ['17', 17_000],
    ['1.5', 1_500],
    ['Mon, 05 Oct 2026 12:00:30 GMT', 30_000],
    ['Mon, 05 Oct 2026 11:00:00 GMT', 0],
    ['-5', null],
    ['soon', null],
    ['', null],
    [undefined, null],
  ]
  for (const [header, expected] of table) t.equal(parseRetryAfter(header, NOW), expected, String(header))
})

t.test('treats a lost connection as transient', async (t) => {
  const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', name: 'RestError' })
  t.match(faultOfConnection(reset), { kind: 'transient', code: 'ECONNRESET', status: null })
  t.match(faultOfConnection(undefined), { kind: 'transient', code: 'ConnectionFailed' })
})

t.test('distinguishes a missing credential from an unreachable endpoint', async (t) => {
  const error = (name: string, rest: object = {}) => Object.assign(new Error('why'), { name, ...rest })
  const table: [unknown, ArmFaultKind, string][] = [
    [error('CredentialUnavailableError'), 'unauthenticated', 'CredentialUnavailableError'],
    [error('AggregateAuthenticationError'), 'unauthenticated', 'AggregateAuthenticationError'],
    [error('AuthenticationError', { statusCode: 400 }), 'unauthenticated', 'AuthenticationError'],
    [error('AuthenticationError', { statusCode: 503 }), 'transient', 'AuthenticationError'],
    [error('RestError', { code: 'ENOTFOUND' }), 'transient', 'ENOTFOUND'],
  ]
  for (const [thrown, kind, code] of table) t.match(faultOfCredential(thrown), { kind, code })
})

t.test('never includes a credential in a message', async (t) => {
  const token = 'eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwcyJ9.c2lnbmF0dXJl'
  for (const text of [`Bearer ${token}`, `the token ${token} is bad`, `authorization: bearer abc.def-ghi`]) {
    t.notMatch(safeMessage(text), /eyJ|abc\.def/, text)
  }
  t.notMatch(safeMessage(`GET https://x/y?api-version=1&s=${'A'.repeat(40)}`), /AAAA/)
  t.equal(safeMessage('a'.repeat(9_000)).length, 2_000)
  const withRequest = Object.assign(new Error('why'), {
    name: 'RestError',
    request: { headers: { authorization: token } },
  })
  t.equal(faultOfSdkError(withRequest).cause, undefined, 'a cause would carry the request into the log')
})
