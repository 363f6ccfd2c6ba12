import t from 'tap'
import { NETWORK_KINDS } from '../../../src/azure/arm.ts'
import { connectArm } from '../../../src/azure/connect/connect-arm.ts'
import type { FieldChange } from '../../../src/contract/steps.ts'
import { startSimulator } from '../../../src/simulator/start-simulator.ts'
import { faultOf, SUBSCRIPTION } from '../support/arm-server.ts'
import { CHANGES_BY_TARGET } from '../support/planned-changes.ts'

const ref = { subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-demo', name: 'lb-managed' }

async function simulated(t: { teardown(end: () => unknown): unknown }) {
  const simulator = await startSimulator()
  t.teardown(() => simulator.close())
  const clock = (body: object) =>
    fetch(`${simulator.url}/simulator/clock`, { method: 'POST', body: JSON.stringify(body) })
  await clock({ mode: 'manual' })
  return { arm: connectArm({ endpoint: simulator.url, simulated: true }), clock }
}

const update = (changes: FieldChange[]) => ({
  ref,
  apiVersion: '2026-05-01',
  changes,
  discoveredEgress: [],
  beforeSend: async () => {},
})

t.test('moves a simulated cluster to a managed NAT gateway', async (t) => {
  const { arm, clock } = await simulated(t)
  const before = await arm.getCluster(ref)
  t.equal(before.facts.outboundType, 'loadBalancer')
  const started = await arm.startClusterUpdate(update(CHANGES_BY_TARGET.managedNATGateway!))
  t.match(await arm.pollOperation(started.poller), { status: 'running' })
  t.equal((await arm.getCluster(ref)).facts.provisioningState, 'Updating')
  t.match(await faultOf(arm.startClusterUpdate(update([]))), { kind: 'conflict' })
  await clock({ advanceSeconds: 600 })
  t.match(await arm.pollOperation(started.poller), { status: 'succeeded' })
  const { facts } = await arm.getCluster(ref)
  t.match(facts, { outboundType: 'managedNATGateway', provisioningState: 'Succeeded' })
  t.equal(facts.natGatewayProfile?.effectiveOutboundIpIds.length, 2)
  const [id] = facts.natGatewayProfile?.effectiveOutboundIpIds ?? []
  t.match(await arm.getNetwork('publicIPAddresses', id ?? ''), {
    address: /^\d+\./,
    provisioningState: 'Succeeded',
  })
})

t.test('lists every kind of network resource of the demo fleet', async (t) => {
  const { arm } = await simulated(t)
  for (const kind of NETWORK_KINDS) {
    const listed = await arm.listNetwork(kind, SUBSCRIPTION)
    t.ok(kind === 'publicIPPrefixes' || listed.length > 0, `${kind}: ${listed.length}`)
  }
  t.match(await faultOf(arm.getCluster({ ...ref, name: 'nobody' })), {
    kind: 'not-found',
    code: 'ResourceNotFound',
  })
})
