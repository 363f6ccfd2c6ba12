import t from 'tap'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import type { LoadBalancerFacts, PublicIpFacts } from '../../../src/core/snapshot/network-facts.ts'
import {
  aByoSnapshot,
  aKubernetesBalancer,
  aLoadBalancerProfile,
  aPublicIp,
  aSharedBalancer,
  aSnapshot,
  NETWORK,
  NODE_GROUP,
} from '../../support/a-cluster.ts'
import { has, planFor } from '../../support/a-plan.ts'
import { AKS_IP, OWN_IP, onGateway, onTable } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './load-balancer-cases.ts'

testTopic('load-balancer', CASES)

t.test('does not treat frontends of Services or AKS as manually created', async (t) => {
  const withFrontend = (
    facts: Partial<LoadBalancerFacts['frontends'][number]>,
    ips: PublicIpFacts[] = [],
  ) => {
    const balancer = aKubernetesBalancer(['web'])
    balancer.frontends.push({
      ...balancer.frontends[0]!,
      id: `${balancer.id}/f/x`,
      publicIpId: AKS_IP,
      ...facts,
    })
    return aSnapshot({ loadBalancers: [balancer], publicIps: ips })
  }
  const isReported = (snapshot: ReturnType<typeof withFrontend>) =>
    has('LB_DRIFT_MANUAL_RULES', snapshot, 'managedNATGateway')
  t.ok(isReported(withFrontend({ name: 'mine' })), 'a manually created frontend')
  t.notOk(isReported(withFrontend({ name: 'a0123456789abcdef0123456789abcdef' })), 'named after a Service')
  t.notOk(
    isReported(withFrontend({ name: 'a0123456789abcdef0123456789abcdef-ipv6' })),
    'named after a Service and an IP family',
  )
  const tagged = aPublicIp({ id: AKS_IP, address: '20.1.0.9', tags: { 'k8s-azure-service': 'shop/web' } })
  t.notOk(isReported(withFrontend({ name: 'mine' }, [tagged])), 'an address of a Service')
  t.notOk(isReported(withFrontend({ name: 'mine', privateAddress: '10.0.0.9' })), 'a private frontend')
  const [own] = aLoadBalancerProfile().effectiveOutboundIpIds
  t.notOk(isReported(withFrontend({ name: 'mine', publicIpId: own ?? '' })), 'an address of the profile')
})

const OUTBOUND = ['a', 'b'].map((name) => `${NODE_GROUP}/${NETWORK}/publicIPAddresses/${name}`)
const own = aPublicIp({ id: OWN_IP, address: '20.4.0.1' })

/** A load balancer with two managed addresses, the first of which is the frontend of a Service as well. */
function shared(tags: Record<string, string> = {}) {
  const [id = ''] = OUTBOUND
  return {
    cluster: {
      loadBalancerProfile: aLoadBalancerProfile({
        managedOutboundIpCount: 2,
        effectiveOutboundIpIds: OUTBOUND,
      }),
    },
    loadBalancers: [aSharedBalancer(id)],
    publicIps: [
      own,
      ...OUTBOUND.map((ip, index) => aPublicIp({ id: ip, address: `20.1.0.${index + 1}`, tags })),
    ],
  }
}

t.test('reports a Service on an outbound address in every change that releases the address', async (t) => {
  const toBalancer = (loadBalancer: RequestedTarget['loadBalancer']): RequestedTarget => ({
    outboundType: 'loadBalancer',
    ...(loadBalancer === undefined ? {} : { loadBalancer }),
  })
  const managed = aSnapshot(shared())
  const onSubnet = (given: Parameters<typeof aByoSnapshot>) => {
    const { cluster, ...network } = shared()
    const { publicIps = [], ...rest } = given[1] ?? {}
    const all = { ...network, ...rest, publicIps: [...network.publicIps, ...publicIps] }
    const { agentPools } = aByoSnapshot().cluster
    return aByoSnapshot(given[0], { ...all, cluster: { ...cluster, agentPools } })
  }
  const table: [string, ReturnType<typeof aSnapshot>, RequestedTarget, string | null][] = [
    ['managed NAT gateway', managed, { outboundType: 'managedNATGateway' }, 'blocker'],
    ['StandardV2', managed, { outboundType: 'managedNATGatewayV2' }, 'blocker'],
    ['none', managed, { outboundType: 'none' }, 'blocker'],
    ['own NAT gateway', onSubnet(onGateway), { outboundType: 'userAssignedNATGateway' }, 'blocker'],
    ['routes', onSubnet(onTable('VirtualAppliance')), { outboundType: 'userDefinedRouting' }, 'blocker'],
    ['customer-provided addresses', managed, toBalancer({ outboundIpIds: [OWN_IP] }), 'blocker'],
    ['overridden by a gateway', onSubnet(onGateway), toBalancer({ outboundIpIds: [OWN_IP] }), 'blocker'],
    ['fewer addresses', managed, toBalancer({ managedOutboundIpCount: 1 }), 'acknowledge'],
    ['as many addresses', managed, toBalancer({ managedOutboundIpCount: 2, idleTimeoutInMinutes: 10 }), null],
    ['more addresses', managed, toBalancer({ managedOutboundIpCount: 3 }), null],
  ]
  for (const [name, snapshot, target, severity] of table) {
    const plan = planFor(snapshot, target)
    const found = plan.findings.filter(({ code }) => code === 'SERVICE_SHARES_EGRESS_IP')
    t.strictSame(
      found.map((finding) => finding.severity),
      severity === null ? [] : [severity],
      name,
    )
    const isRouted = target.outboundType === 'userDefinedRouting'
    if (severity === null) t.match(plan.disruption.ingress, /do not change/, name)
    else
      t.match(
        plan.disruption.ingress,
        severity === 'blocker' ? / loses its address/ : / may lose its address/,
        name,
      )
    if (isRouted)
      t.match(plan.disruption.ingress, /Replies from public Services follow the route tables/, name)
  }
})

t.test('a reconcile that releases the address of a Service asks about it, and is not blocked', async (t) => {
  const { cluster, ...network } = shared()
  const interrupted = aSnapshot({
    ...network,
    cluster: { ...cluster, outboundType: 'managedNATGateway', natGatewayProfile: null },
  })
  const plan = planFor(interrupted, 'managedNATGateway', { reconcile: true })
  const found = plan.findings.find(({ code }) => code === 'SERVICE_SHARES_EGRESS_IP')
  t.match(found, {
    severity: 'acknowledge',
    message: /^The reconcile fails or a Service loses its address, because AKS releases the outbound address/,
  })
  t.match(plan, { status: 'applicable', disruption: { ingress: / loses its address/ } })
})

t.test(
  'a plan that returns to the outbound type of the addresses does not know whether AKS keeps them',
  async (t) => {
    const { cluster, ...network } = shared()
    const interrupted = aSnapshot({ ...network, cluster: { ...cluster, outboundType: 'none' } })
    const plan = planFor(interrupted, 'loadBalancer')
    t.match(
      plan.findings.find(({ code }) => code === 'SERVICE_SHARES_EGRESS_IP'),
      { severity: 'acknowledge', message: /loses its address if AKS releases/ },
    )
    t.match(plan.disruption.ingress, / may lose its address/)
    t.match(
      plan.findings.find(({ code }) => code === 'CHANGE_INTERRUPTED')?.remedy,
      /Azure does not define whether AKS keeps the addresses of `loadBalancer`\.$/,
    )
    const deleted = plan.resourceChanges.filter(({ action }) => action === 'delete')
    t.ok(
      deleted.length > 0 && deleted.every(({ because }) => /does not define whether AKS keeps/.test(because)),
    )
    const other = planFor(interrupted, 'managedNATGateway')
    t.notMatch(other.findings.find(({ code }) => code === 'CHANGE_INTERRUPTED')?.remedy, /does not define/)
  },
)

t.test('names the Service of an outbound address by the tags of the address', async (t) => {
  const messageOf = (tags: Record<string, string>) =>
    planFor(aSnapshot(shared(tags)), 'managedNATGateway').findings.find(
      ({ code }) => code === 'SERVICE_SHARES_EGRESS_IP',
    )?.message
  t.match(
    messageOf({ 'k8s-azure-service': 'shop/web' }),
    /20\.1\.0\.1 \(also used by the Service `shop\/web`\)\.$/,
  )
  t.match(messageOf({ service: 'shop/web,shop/api' }), /the Services `shop\/web` and `shop\/api`\)\.$/)
})

t.test('leaves a customer-provided outbound address attached to the frontend of a Service', async (t) => {
  const cluster = {
    loadBalancerProfile: aLoadBalancerProfile({
      managedOutboundIpCount: null,
      outboundIpIds: [OWN_IP],
      effectiveOutboundIpIds: [OWN_IP],
    }),
  }
  const rowOf = (loadBalancers: LoadBalancerFacts[], target: RequestedTarget) => {
    const plan = planFor(aSnapshot({ cluster, loadBalancers, publicIps: [own] }), target)
    t.notOk(plan.findings.some(({ code }) => code === 'SERVICE_SHARES_EGRESS_IP'))
    return plan.resourceChanges.find(({ id }) => id === OWN_IP)
  }
  const targets: RequestedTarget[] = [
    { outboundType: 'managedNATGateway' },
    { outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpCount: 1 } },
  ]
  for (const target of targets) {
    t.match(rowOf([aSharedBalancer(OWN_IP)], target), { action: 'retain', owner: 'user' })
    t.match(rowOf([aKubernetesBalancer()], target), { action: 'detach', owner: 'user' })
  }
})
