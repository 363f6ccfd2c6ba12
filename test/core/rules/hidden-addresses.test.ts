import t from 'tap'
import { aByoSnapshot, aPool, aSnapshot, SUBNET } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { onTable } from '../../support/own-network.ts'
import { aList, listsAround } from '../../support/permissions.ts'
import { NIC_RANGES, pool } from '../../support/rule-cases.ts'

const surroundings = listsAround([aList(['20.1.0.1'])])
const cluster = { ...pool(), authorizedIPRanges: [...NIC_RANGES, '20.1.0.1/32'] }

/** The remedies of the findings that say when to allow the new addresses. */
function remediesOf(...args: Parameters<typeof planFor>): Record<string, string> {
  const codes = [
    'EGRESS_IP_LOST',
    'ALLOWLIST_NAMES_LOST_ADDRESS',
    'AUTHORIZED_SELF_LOCKOUT',
    'EGRESS_PATH_NOT_IN_ARM',
  ]
  const { findings } = planFor(...args)
  return Object.fromEntries(
    findings.filter(({ code }) => codes.includes(code)).map(({ code, remedy }) => [code, remedy]),
  )
}

t.test('advises to find addresses behind an appliance before the cutover', async (t) => {
  const [subnet, network] = onTable('VirtualAppliance')
  const remedies = remediesOf(
    aByoSnapshot(
      { ...subnet, routeTableId: null },
      { ...network, cluster: { ...cluster, identityType: 'UserAssigned' }, surroundings },
    ),
    'userDefinedRouting',
    { prepare: { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' } } },
  )
  t.match(remedies, {
    EGRESS_IP_LOST:
      /^Find the new addresses, .* external firewalls and allow lists before the cutover\. After/,
    ALLOWLIST_NAMES_LOST_ADDRESS: /^Find the new addresses, .* to these rules before the cutover\. After/,
    AUTHORIZED_SELF_LOCKOUT: /^Find the new addresses, .* to the authorized IP ranges before the cutover\. /,
    EGRESS_PATH_NOT_IN_ARM: /^Ask the team that operates the appliance/,
  })
})

t.test('advises against allowing addresses of default outbound access', async (t) => {
  const snapshot = aByoSnapshot({}, { cluster, surroundings })
  const remedies = remediesOf(snapshot, 'none')
  t.match(remedies, {
    EGRESS_IP_LOST: /^Do not add the new addresses to external firewalls and allow lists: Azure default/,
    ALLOWLIST_NAMES_LOST_ADDRESS:
      /^Do not add the new addresses to these rules: Azure default outbound access/,
    AUTHORIZED_SELF_LOCKOUT: /^Add the addresses of a NAT gateway to the authorized IP ranges\. /,
    EGRESS_PATH_NOT_IN_ARM: /^If you need known addresses, add the addresses of a NAT gateway/,
  })
  t.notMatch(Object.values(remedies).join(' '), /as soon as the job reports/, 'no job reports them')
})

t.test('names the resource to attach while the target lacks it', async (t) => {
  const remedies = remediesOf(aByoSnapshot({}, { cluster, surroundings }), 'userAssignedNATGateway')
  const pending = /^Add the addresses of the required NAT gateway or appliance to /
  t.match(remedies, {
    EGRESS_IP_LOST: pending,
    ALLOWLIST_NAMES_LOST_ADDRESS: pending,
    AUTHORIZED_SELF_LOCKOUT: pending,
  })
})

t.test('waits for the job if AKS creates the addresses', async (t) => {
  const later = /^Add the new addresses to .* as soon as the job reports these addresses\./
  t.match(remediesOf(aSnapshot({ surroundings }), 'managedNATGateway'), {
    EGRESS_IP_LOST: later,
    ALLOWLIST_NAMES_LOST_ADDRESS: later,
  })
})

t.test('advises to read the gateway or the nodes whose addresses could not be read', async (t) => {
  const natGatewayId = `${SUBNET.split('/virtualNetworks/')[0]}/natGateways/unread`
  const remedyOf = (snapshot: Parameters<typeof planFor>[0], target: Parameters<typeof planFor>[1]) =>
    planFor(snapshot, target).findings.find(({ code }) => code === 'EGRESS_PATH_NOT_IN_ARM')?.remedy
  t.match(
    remedyOf(aByoSnapshot({ natGatewayId }, { cluster }), 'userAssignedNATGateway'),
    /^Assign the Reader role on the NAT gateway and its public IPs/,
  )
  const nodes = [aPool({ vnetSubnetId: SUBNET, enableNodePublicIP: true })]
  const isolated = aByoSnapshot(
    { defaultOutboundAccess: false },
    { cluster: { ...cluster, agentPools: nodes } },
  )
  t.match(
    remedyOf(isolated, 'none'),
    /^Read the public IPs of the nodes with `az vmss list-instance-public-ips`/,
  )
})
