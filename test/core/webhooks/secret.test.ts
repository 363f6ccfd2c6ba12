import t from 'tap'
import { isSecret } from '../../../src/core/webhooks/delivery-rules.ts'

import { generateSecret } from '../../../src/webhooks/create-webhooks.ts'

const of = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`

t.test('a secret is 24 to 64 bytes', async (t) => {
  for (let bytes = 20; bytes <= 70; bytes++)
    t.equal(isSecret(of(bytes)), bytes >= 24 && bytes <= 64, `${bytes} bytes`)
})

t.test('a secret is whole base64 behind its prefix', async (t) => {
  t.ok(isSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'))
  for (const text of [
    '',
    'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwA',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_',
    `${of(25)}=`,
    `${of(24)} `,
  ])
    t.notOk(isSecret(text), text)
})

t.test('secrets made here are such secrets, and never the same', async (t) => {
  const made = Array.from({ length: 50 }, generateSecret)
  t.ok(made.every(isSecret))
  t.equal(new Set(made).size, made.length)
})
