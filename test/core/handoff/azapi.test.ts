import t from 'tap'
import { TYPE_KEYS } from '../../../src/contract/outbound-type.ts'
import { buildPlan } from '../../../src/core/planner/planner.ts'
import type { PlanningRequest } from '../../../src/core/request/plan-request.ts'
import { ANY_POLICY, STAMP } from '../../support/a-plan.ts'
import { DEMO_CLUSTERS, startDemo } from '../../support/demo.ts'
import { applyAzapi } from './support/azapi.ts'

/** `block` is known to preview versions only. */
const POLICY = { ...ANY_POLICY, previewApiVersion: '2026-05-02-preview' }

const demo = await startDemo(t)

async function plan(name: string, request: Pick<PlanningRequest, 'target'> & Partial<PlanningRequest>) {
  const snapshot = await demo.takeSnapshot(demo.ref(name), [])
  const whole = { cluster: demo.ref(name), authorizedRanges: 'widen' as const, reason: null, ...request }
  return buildPlan(snapshot, whole, POLICY, STAMP)
}

/** A stopped cluster accepts no write, and a failed one has no plan that is not blocked. */
const CLUSTERS = DEMO_CLUSTERS.filter((name) => name !== 'stopped' && name !== 'failed')

for (const name of CLUSTERS)
  t.test(`Azure accepts the merged azapi body for ${name} before the job and after it`, async (t) => {
    for (const outboundType of TYPE_KEYS) {
      await demo.control('reset', {})
      const { handoff, transition } = await plan(name, { target: { outboundType } })
      if (handoff === null) continue
      const label = `${name} to ${outboundType} (${transition.support})`
      t.equal(await applyAzapi(demo, handoff.terraformAzapi), '200', label)
      t.equal(await applyAzapi(demo, handoff.terraformAzapi), '200', `${label}, again`)
      const after = await plan(name, { target: { outboundType }, authorizedRanges: 'keep' })
      t.equal(after.status, 'noChange', `${label} reaches the target`)
    }
  })

const APPLIANCE = { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' } as const

for (const [name, outboundType, prepare] of [
  ['lb-byo', 'userAssignedNATGateway', { natGateway: { zones: ['1'] }, publicIps: { count: 2 } }],
  ['lb-byo-two-subnets', 'userAssignedNATGateway', { natGateway: {}, publicIpPrefix: { length: 31 } }],
  ['lb-byo', 'userDefinedRouting', { defaultRoute: APPLIANCE }],
  ['kubenet-byo', 'userDefinedRouting', { defaultRoute: APPLIANCE }],
] as const)
  t.test(
    `the azapi fragments of ${name} to ${outboundType} prepare the network and reach the target`,
    async (t) => {
      await demo.control('reset', {})
      const request = {
        target: { outboundType },
        prepare: structuredClone(prepare) as PlanningRequest['prepare'],
      }
      const { handoff, findings } = await plan(name, request)
      const tool = handoff?.tools?.find((item) => item.tool === 'terraformAzapi')
      if (!tool?.prepared || !tool.code) throw new Error(findings.map(({ code }) => code).join())
      const blocks = tool.prepared
        .split(/\n\n(?=resource|import)/)
        .filter((block) => block.startsWith('resource'))
      t.ok(blocks.length > 0)
      for (const block of [...blocks, tool.code]) t.match(await applyAzapi(demo, block), /^20[01]$/, block)
      t.equal((await plan(name, request)).status, 'noChange')
    },
  )
