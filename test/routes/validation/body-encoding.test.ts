import { gzipSync } from 'node:zlib'
import t from 'tap'
import { fakeApp, PLAN_ID } from '../support/fakes.ts'

t.test('rejects a body with an encoding with 415 and lists the accepted encodings', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const post = (encoding: string, payload: string | Buffer = '{}') =>
    app.inject({
      method: 'POST',
      url: `/v1/plans/${PLAN_ID}/approvals`,
      payload,
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
    })
  for (const encoding of ['gzip', 'br', 'identity, gzip', 'x-unknown']) {
    const answer = await post(encoding)
    t.equal(answer.statusCode, 415, encoding)
    t.match(answer.json(), { code: 'UNSUPPORTED_MEDIA_TYPE', detail: new RegExp(encoding) })
    t.equal(answer.headers['accept-encoding'], 'identity')
  }
  t.equal((await post('gzip', gzipSync('{}'))).statusCode, 415)
  t.equal(rooms.calls.length, 0)
  for (const encoding of ['identity', 'Identity', ''])
    t.equal((await post(encoding)).statusCode, 201, encoding)
})

t.test('a body that is not UTF-8 is rejected, and every text in UTF-8 arrives as it was sent', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const approve = (reason: Buffer) =>
    app.inject({
      method: 'POST',
      url: `/v1/plans/${PLAN_ID}/approvals`,
      payload: Buffer.concat([Buffer.from('{"reason":"'), reason, Buffer.from('"}')]),
      headers: { 'content-type': 'application/json' },
    })
  for (const bytes of [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
    const answer = await approve(Buffer.from(bytes))
    t.equal(answer.statusCode, 400, bytes.join(' '))
    t.match(answer.json(), { code: 'MALFORMED_JSON', detail: /not valid UTF-8/ })
  }
  t.equal(rooms.calls.length, 0)
  const reason = 'größer, 变更, 🔥'
  t.equal((await approve(Buffer.from(reason))).statusCode, 201)
  t.strictSame(rooms.calls, [['approve', PLAN_ID, reason]])
})
