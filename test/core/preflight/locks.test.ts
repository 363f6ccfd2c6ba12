import t from 'tap'
import { aByoSnapshot, aSnapshot, GROUP, NETWORK, NODE_GROUP } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { onGateway } from '../../support/own-network.ts'
import { aLock, CLUSTER_ID, SUBSCRIPTION_ID, withRights } from '../../support/rights.ts'

const IP = `${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ip`
const MORE = { outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpCount: 3 } } as const

function effectOf(scope: string, level: string, target: Parameters<typeof planFor>[1]): string | undefined {
  const surroundings = withRights({ locks: { facts: [aLock(scope, level)] } })
  return planFor(aSnapshot({ surroundings }), target).preflight.locks[0]?.effect
}

t.test('a read-only lock stops every change under it', async (t) => {
  for (const scope of [SUBSCRIPTION_ID, GROUP, CLUSTER_ID, NODE_GROUP.toLowerCase(), IP])
    t.equal(effectOf(scope, 'ReadOnly', 'managedNATGateway'), 'blocks', scope)
  t.equal(effectOf(CLUSTER_ID, 'readonly', MORE), 'blocks', 'whatever its case')
})

t.test('a lock against deletion stops what is deleted, and casts doubt on the node group', async (t) => {
  for (const scope of [SUBSCRIPTION_ID, NODE_GROUP, IP])
    t.equal(effectOf(scope, 'CanNotDelete', 'managedNATGateway'), 'blocks', scope)
  for (const scope of [SUBSCRIPTION_ID, NODE_GROUP, `${NODE_GROUP}/${NETWORK}/networkSecurityGroups/x`])
    t.equal(effectOf(scope, 'CanNotDelete', MORE), 'mayBlock', scope)
  for (const scope of [GROUP, CLUSTER_ID])
    t.equal(effectOf(scope, 'CanNotDelete', 'managedNATGateway'), 'none', scope)
})

t.test('locks elsewhere are no business of the plan', async (t) => {
  for (const scope of [`${GROUP}-2`, `${GROUP}/${NETWORK}/virtualNetworks/other`])
    t.equal(effectOf(scope, 'ReadOnly', 'managedNATGateway'), undefined, scope)
})

t.test('what AKS leaves alone may be locked', async (t) => {
  const [subnet, given] = onGateway
  const locks = { facts: [aLock(given.natGateways?.[0]?.id ?? '', 'ReadOnly')] }
  const snapshot = aByoSnapshot(subnet, { ...given, surroundings: withRights({ locks }) })
  const made = planFor(snapshot, 'userAssignedNATGateway')
  t.ok(made.resourceChanges.some(({ action }) => action === 'retain'))
  t.strictSame(made.preflight.locks, [])
})
