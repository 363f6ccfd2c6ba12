import t from 'tap'
import { aByoSnapshot, aLoadBalancerProfile, aSharedBalancer, aSnapshot } from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { GATEWAY } from '../../support/own-network.ts'

/** Plans that do not update the egress of a cluster, while a change from the load balancer is interrupted. */

const LB_IP = '20.1.0.1'
const CLUSTER = {
  outboundType: 'userAssignedNATGateway' as const,
  loadBalancerProfile: aLoadBalancerProfile(),
  authorizedIPRanges: ['198.18.0.0/24'],
}
const NETWORK = {
  natGateways: [GATEWAY.gateway],
  publicIps: [GATEWAY.publicIp],
  loadBalancers: [aSharedBalancer()],
}
const attached = aByoSnapshot({ natGatewayId: GATEWAY.id }, { ...NETWORK, cluster: CLUSTER })
const remedyOf = (plan: ReturnType<typeof planFor>) =>
  plan.findings.find(({ code }) => code === 'CHANGE_INTERRUPTED')?.remedy

t.test('a plan that only prepares resources releases no address of the former type', async (t) => {
  const prepare = { natGateway: { name: 'new' } }
  const open = { ...attached, cluster: { ...attached.cluster, authorizedIPRanges: [] } }
  const plan = planFor(open, 'userAssignedNATGateway', { prepare })
  t.match(plan, { status: 'applicable', transition: { support: 'sameType' } })
  t.notOk(plan.steps.some(({ key }) => key === 'change-outbound-type'))
  t.strictSame(
    plan.resourceChanges.filter(({ action }) => action === 'delete'),
    [],
  )
  t.notOk(plan.egressIps.some(({ address }) => address === LB_IP))
  t.strictSame(
    codesOf(plan).filter((code) => /UNUSED_IP_RELEASED|SERVICE_SHARES_EGRESS_IP|EGRESS_IP_LOST/.test(code)),
    [],
  )
  t.notMatch(plan.disruption.ingress, /lose/)
  t.notMatch(
    remedyOf(plan),
    /when this plan updates the authorized IP ranges/,
    'the plan does not write the cluster',
  )
  const other = planFor(attached, 'none')
  t.match(
    other.resourceChanges.find(({ action }) => action === 'delete'),
    { confidence: 'inferred' },
    'a change of the type completes the earlier change',
  )
})

t.test('an address that packets leave stays with AKS until the change is complete', async (t) => {
  const open = { ...attached, subnets: attached.subnets.map((subnet) => ({ ...subnet, natGatewayId: null })) }
  const plan = planFor(
    { ...open, cluster: { ...open.cluster, authorizedIPRanges: [] } },
    'userAssignedNATGateway',
    { prepare: { natGateway: { id: GATEWAY.id } } },
  )
  t.match(
    plan.egressIps.find(({ address }) => address === LB_IP),
    { change: 'lost', recoverable: true },
  )
  t.notOk(codesOf(plan).includes('EGRESS_IP_LOST'))
  t.ok(codesOf(plan).includes('EGRESS_IP_CHANGES'))
})

t.test('AKS may complete the change when a plan updates only the authorized IP ranges', async (t) => {
  const expected =
    /Otherwise, expect that AKS may complete the earlier change when this plan updates the authorized IP ranges\.$/
  const widening = planFor(attached, 'userAssignedNATGateway')
  t.match(widening, { status: 'applicable', authorizedRanges: { add: ['20.9.0.1/32'] } })
  t.match(remedyOf(widening), expected)
  const narrow = { detach: false, narrow: ['198.18.0.0/24'], delete: [] }
  const ranges = [...CLUSTER.authorizedIPRanges, '20.9.0.1/32']
  const covered = { ...attached, cluster: { ...attached.cluster, authorizedIPRanges: ranges } }
  t.match(remedyOf(planFor(covered, 'userAssignedNATGateway', { cleanUp: narrow })), expected)
  t.notMatch(remedyOf(planFor(attached, 'none')), /updates the authorized IP ranges/)
})

t.test('a cleanup during an interrupted change names both outbound types', async (t) => {
  const routed = { ...attached.cluster, outboundType: 'userDefinedRouting' as const }
  const plan = planFor({ ...attached, cluster: routed }, 'userDefinedRouting', {
    cleanUp: { detach: true, narrow: [], delete: [] },
  })
  t.match(plan.cutOver, {
    step: 'clean-up-detach-1',
    because:
      /uses the current outbound type or, until AKS completes the interrupted change, the former outbound type\.$/,
  })
})

t.test('reports the Services whose addresses AKS still releases after an interrupted change', async (t) => {
  const routed = { ...attached, cluster: { ...attached.cluster, outboundType: 'userDefinedRouting' } }
  const isReported = (given: Parameters<typeof planFor>[2]) =>
    codesOf(planFor(routed, 'userAssignedNATGateway', given)).includes('SERVICE_SHARES_EGRESS_IP')
  t.ok(isReported({}))
  t.notOk(isReported({ cleanUp: { detach: false, narrow: [], delete: [] } }))
})

t.test('an address of a NAT gateway profile that the load balancer uses is not released', async (t) => {
  const id = aLoadBalancerProfile().effectiveOutboundIpIds[0] ?? ''
  const gateway = { managedOutboundIpCount: 1, managedOutboundIpv6Count: null, outboundIpIds: [] }
  const natGatewayProfile = {
    ...gateway,
    outboundIpPrefixIds: [],
    effectiveOutboundIpIds: [id],
    idleTimeoutInMinutes: null,
    sku: null,
  }
  const cluster = { outboundType: 'managedNATGateway' as const, natGatewayProfile, loadBalancerProfile: null }
  const releasedIds = (loadBalancers: typeof NETWORK.loadBalancers) =>
    planFor(aSnapshot({ cluster, loadBalancers }), 'none')
      .resourceChanges.filter(({ action }) => action === 'delete')
      .map((change) => change.id)
  t.ok(releasedIds([]).includes(id))
  t.notOk(releasedIds(NETWORK.loadBalancers).includes(id))
})
