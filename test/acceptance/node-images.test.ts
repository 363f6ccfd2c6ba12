import t from 'tap'
import { execute, makePlan, planFor } from './support/requests.ts'
import { ended, listOf, service, writes } from './support/service.ts'

const planner = await service(t, { SIMULATOR_TIME_SCALE: '400' })

t.test('upgrades the node image of every pool at the end, one after the other', async (t) => {
  const plan = await makePlan(planner, {
    ...planFor('lb-byo-nat-attached', 'userAssignedNATGateway'),
    upgradeNodeImages: true,
  })
  const keys = listOf(plan.steps).map(({ key }) => String(key))
  t.strictSame(keys.slice(-2), ['upgrade-node-image-system', 'upgrade-node-image-user'])
  const job = await ended(planner, String((await execute(planner, plan)).id))
  t.match(job, { status: 'Succeeded', error: null })
  const calls = (await writes(planner)).map(
    ({ method, path }) => `${method} ${String(path).split('?')[0]?.split('/').at(-1)}`,
  )
  t.strictSame(
    calls.filter((call) => call.includes('upgradeNodeImageVersion')).length,
    2,
    'once for each pool',
  )
  const posts = (await writes(planner)).filter(({ method }) => String(method) === 'POST')
  t.match(
    posts.map(({ path }) => String(path)),
    [/agentPools\/system\/upgradeNodeImageVersion/, /agentPools\/user\/upgradeNodeImageVersion/],
  )
  t.equal(calls[0], 'PUT lb-byo-nat-attached', 'after the change of type')
})

t.test('without being asked for it the plan says that it is needed, and does not do it', async (t) => {
  const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
  t.notOk(listOf(plan.steps).some(({ key }) => String(key).startsWith('upgrade-')))
  const finding = listOf(plan.findings).find(({ code }) => String(code) === 'NODE_IMAGE_UPGRADE_NEEDED')
  t.match(finding?.remedy, /ask for upgradeNodeImages/)
})
