import t from 'tap'
import { clusterPath, editByArm, findingOf } from '../support/arm-edits.ts'
import { execute, makePlan, planFor } from '../support/requests.ts'
import { ended, listOf, service, writes } from '../support/service.ts'

/** N12: none and block need an ordered, gated sequence. */

const planner = await service(t)
const name = 'udr-private'
const cacheArtifacts = () =>
  editByArm(planner, clusterPath(name), (body) => {
    Object.assign(body.properties?.bootstrapProfile ?? {}, { artifactSource: 'Cache' })
  })

t.test('N12: a cluster on Direct is told three ordered steps and cannot be taken to none', async (t) => {
  const plan = await makePlan(planner, planFor(name, 'none'))
  t.equal(plan.status, 'blocked')
  const found = findingOf(plan, 'ISO_NOT_NETWORK_ISOLATED')
  const sequence = listOf(found?.facts?.sequence)
  t.strictSame(
    sequence.map((each) => String(each.step)),
    ['cache', 'reimage', 'none'],
  )
  for (const each of sequence) t.match(each, { does: /\.$/, doneWhen: /\.$/ })
  t.match(found?.remedy, /\(1\) Set .*Cache.*\(2\) Upgrade the node image.*\(3\) Plan the change to none/)
  const before = (await writes(planner)).length
  const refused = await planner.post('/v1/jobs', {
    planId: plan.id,
    acknowledge: plan.acknowledgementsRequired,
  })
  t.match(refused.body, { status: 409, code: 'PLAN_BLOCKED' })
  t.equal((await writes(planner)).length, before, 'nothing was written')
})

t.test('N12: with Cache set, leaving out the reimage has to be answered for by name', async (t) => {
  await cacheArtifacts()
  const plan = await makePlan(planner, planFor(name, 'none'))
  t.equal(plan.status, 'applicable')
  t.match(findingOf(plan, 'ISO_REIMAGE_ORDER'), {
    severity: 'acknowledge',
    facts: { pools: [{ name: 'system', nodeImageVersion: /^AKSUbuntu/ }, { name: 'user' }] },
  })
  const required = listOf(plan.acknowledgementsRequired).map(String)
  const acknowledge = required.filter((code) => code !== 'ISO_REIMAGE_ORDER')
  const refused = await planner.post('/v1/jobs', { planId: plan.id, acknowledge })
  t.match(refused.body, {
    status: 409,
    code: 'ACKNOWLEDGEMENT_MISSING',
    facts: { codes: ['ISO_REIMAGE_ORDER'] },
  })
  const { id } = await execute(planner, plan)
  t.equal((await ended(planner, String(id))).status, 'Succeeded')
})

t.test('N12: leaving says that the cached artifacts stay, and asks for no reimage', async (t) => {
  const plan = await makePlan(planner, planFor(name, 'userDefinedRouting'))
  t.match(findingOf(plan, 'ISO_LEAVING'), { severity: 'info', message: /goes on costing/ })
  t.equal(findingOf(plan, 'ISO_REIMAGE_ORDER'), undefined)
})
