import { createHmac } from 'node:crypto'
import t from 'tap'
import { signedHeaders } from '../../src/webhooks/signed-headers.ts'

t.test('a message is signed as the test vector of Standard Webhooks says', async (t) => {
  const headers = signedHeaders(
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    new Date(1_614_265_330_000),
    '{"test": 2432232314}',
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  )
  t.strictSame(headers, {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

t.test('with two secrets there are two signatures, the present one first, over the very bytes', async (t) => {
  const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  const body = '{"name":"Grüße \u{1f600}"}'
  const at = new Date('2026-09-01T00:00:00.999Z')
  const headers = signedHeaders(
    'id-1',
    at,
    body,
    keys.map((key) => `whsec_${key.toString('base64')}`),
  )
  const seconds = String(Math.floor(at.getTime() / 1_000))
  t.equal(headers['webhook-timestamp'], seconds)
  const expected = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(`id-1.${seconds}.${body}`, 'utf8').digest('base64')}`,
  )
  t.equal(headers['webhook-signature'], expected.join(' '))
})
