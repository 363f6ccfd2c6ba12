import t from 'tap'
import { receiverServer } from '../webhooks/support/receiver-server.ts'
import { makePlan, planFor } from './support/requests.ts'
import { listOf, service, until } from './support/service.ts'

const LOCAL = { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' }
const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`

t.test('nothing is sent to where only this machine can reach, unless the operator says so', async (t) => {
  const planner = await service(t)
  const receiver = await receiverServer(t)
  const { port } = new URL(receiver.url)
  const inside = [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '2130706433',
    '169.254.169.254',
    '10.0.0.1',
  ]
  const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
  for (const host of inside) {
    const url = `https://${host}:${port}/`
    const refused = await planner.post('/v1/webhooks', { url })
    t.match([refused.status, String(refused.body.code)], [400, 'WEBHOOK_URL_REFUSED'], host)
    t.match(refused.body, { facts: { reason: 'ADDRESS_REFUSED' }, errors: [{ pointer: '/url' }] })
    const order = {
      planId: plan.id,
      acknowledge: plan.acknowledgementsRequired,
      webhook: { url, secret: SECRET },
    }
    const job = await planner.post('/v1/jobs', order)
    t.match([job.status, String(job.body.code)], [400, 'WEBHOOK_URL_REFUSED'], host)
    t.match(job.body, { errors: [{ pointer: '/webhook/url' }] })
  }
  t.strictSame(listOf((await planner.get('/v1/webhooks')).body.items), [])
  t.match((await planner.get(`/v1/plans/${plan.id}`)).body, { status: 'applicable' }, 'no job was begun')
  t.equal(receiver.received.length, 0)
})

t.test('what is no longer allowed after a restart is not sent either', async (t) => {
  const receiver = await receiverServer(t)
  const before = await service(t, LOCAL)
  const made = await before.post('/v1/webhooks', { url: receiver.url })
  await before.process.stop()
  const after = await service(t, { DATA_DIR: before.dataDir })
  const pinged = await after.post(`/v1/webhooks/${made.body.id}/ping`)
  t.equal(pinged.status, 202)
  const delivery = await until(
    async () => (await after.get(String(pinged.headers.get('location')))).body,
    ({ attempts }) => listOf(attempts).length > 0,
  )
  t.match(delivery, { status: 'pending', attempts: [{ outcome: 'ADDRESS_REFUSED', status: null }] })
  t.equal(receiver.received.length, 0)
})
