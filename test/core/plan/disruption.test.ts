import t from 'tap'
import {
  aByoSnapshot,
  aKubernetesBalancer,
  aLoadBalancerProfile,
  aSnapshot,
  aSubnet,
  features,
  SUBNET,
} from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { GATEWAY, onGateway, onTable } from '../../support/own-network.ts'

const disruptionOf = (...planned: Parameters<typeof planFor>) => planFor(...planned).disruption

t.test('announces an interruption only if packets change their path or their addresses', async (t) => {
  const moved = { movesTraffic: true, downtime: /open connections are dropped/ }
  t.match(disruptionOf(aByoSnapshot(...onGateway), 'userAssignedNATGateway'), {
    movesTraffic: false,
    downtime:
      /^Packets keep their path\. The AKS documentation states that a change of the outbound type interrupts egress, but not whether/,
  })
  t.match(disruptionOf(aByoSnapshot(), 'userAssignedNATGateway'), moved, 'a gateway is missing')
  t.match(disruptionOf(aByoSnapshot(...onGateway), 'userDefinedRouting'), moved, 'a default route is missing')
  t.match(disruptionOf(aSnapshot(), 'managedNATGateway'), moved)
  const longer = { outboundType: 'loadBalancer', loadBalancer: { idleTimeoutInMinutes: 60 } } as const
  t.match(disruptionOf(aSnapshot(), longer), {
    movesTraffic: false,
    downtime: /no interruption is documented/,
  })
  t.match(disruptionOf(aSnapshot(), 'loadBalancer'), { movesTraffic: false, downtime: 'None.' })
})

t.test('reports failing access to nodes if nodes reach the API server through the egress', async (t) => {
  const downtimeOf = (cluster: object) => disruptionOf(aSnapshot({ cluster }), 'managedNATGateway').downtime
  const access = /`kubectl port-forward`, and admission webhooks fail/
  t.match(downtimeOf({}), access)
  t.notMatch(downtimeOf({ enablePrivateCluster: true }), access)
  t.notMatch(downtimeOf({ enableVnetIntegration: true }), access)
  const subnets = [aSubnet({ pools: [], defaultOutboundAccess: false })]
  t.notMatch(disruptionOf(aSnapshot({ subnets }), 'none').downtime, access, 'no new egress address')
})

t.test('names the agents whose data is missing while traffic moves', async (t) => {
  const given = {
    cluster: { features: features({ monitoring: ['addonProfiles.omsagent'], defender: true }) },
  }
  const agents =
    /agents send no data during this time: `addonProfiles\.omsagent` and `securityProfile\.defender`\.$/
  t.match(disruptionOf(aSnapshot(given), 'managedNATGateway').downtime, agents)
  t.notMatch(disruptionOf(aSnapshot(), 'managedNATGateway').downtime, /agents/)
  const [subnet, network] = onGateway
  const unmoved = disruptionOf(aByoSnapshot(subnet, { ...network, ...given }), 'userAssignedNATGateway')
  t.notMatch(unmoved.downtime, /agents/, 'no packet moves')
})

t.test('states who upgrades the node images after a change of the outbound type', async (t) => {
  const upgradeOf = (target: 'managedNATGateway' | 'loadBalancer', upgradeNodeImages: boolean) =>
    disruptionOf(aSnapshot(), target, { upgradeNodeImages }).nodeImageUpgrade
  t.match(upgradeOf('managedNATGateway', false), /AKS does not start the upgrade: .* set `upgradeNodeImages`/)
  t.match(
    upgradeOf('managedNATGateway', true),
    /^A node image upgrade is required .* The last steps of this plan perform the upgrade\./,
  )
  t.equal(upgradeOf('loadBalancer', false), 'No node image upgrade is required.')
})

t.test('a reconcile requires the node image upgrade of the change that it completes', async (t) => {
  const upgradeOf = (cluster: object) => {
    const snapshot = aSnapshot({ cluster })
    const target = snapshot.cluster.outboundType as 'loadBalancer'
    return disruptionOf(snapshot, target, { reconcile: true }).nodeImageUpgrade
  }
  const loadBalancerProfile = aLoadBalancerProfile()
  const interrupted = {
    outboundType: 'managedNATGateway',
    provisioningState: 'Failed',
    loadBalancerProfile,
  }
  t.match(
    upgradeOf(interrupted),
    /^A node image upgrade is required on every node pool after the change\. AKS does not start the upgrade/,
    'the addresses of the load balancer are visible',
  )
  t.match(
    upgradeOf({ provisioningState: 'Failed' }),
    /^If the interrupted change is a change of the outbound type, it requires a node image upgrade/,
  )
  t.equal(upgradeOf({}), 'No node image upgrade is required.')
})

t.test('describes the new path only for a change from a load balancer to a NAT gateway', async (t) => {
  t.match(disruptionOf(aSnapshot(), 'managedNATGateway').newPath, /does not carry IP fragments/)
  t.equal(disruptionOf(aByoSnapshot(...onGateway), 'userAssignedNATGateway').newPath, undefined)
  const [attached, network] = onGateway
  const other = aSubnet({ id: `${SUBNET}-2`, pools: [] })
  const mixed = { ...aByoSnapshot(attached, network), subnets: [aSubnet(attached), other] }
  const { newPath } = disruptionOf(mixed, 'userAssignedNATGateway', {
    prepare: { natGateway: { id: GATEWAY.id } },
  })
  t.match(newPath, /does not carry IP fragments/, 'one of two subnets leaves the load balancer')
})

t.test('mentions the finding about ingress only if the service found public Services', async (t) => {
  const [subnet, network] = onTable('VirtualAppliance')
  const ingressOf = (names: string[]) =>
    disruptionOf(
      aByoSnapshot(subnet, { ...network, loadBalancers: [aKubernetesBalancer(names)] }),
      'userDefinedRouting',
    ).ingress
  t.match(ingressOf(['web']), /the plan contains the finding INGRESS_ASYMMETRIC_ROUTING\.$/)
  t.match(
    ingressOf([]),
    /route tables of the subnets\. No public Kubernetes Service was found in the cluster\.$/,
  )
})
