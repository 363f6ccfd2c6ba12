import t from 'tap'
import type { SecurityRuleFacts } from '../../../src/core/snapshot/network-facts.ts'
import { aByoSnapshot, aPool, NODE_GROUP, SUBNET } from '../../support/a-cluster.ts'
import { aSecurityGroup, SECURITY_GROUP } from '../../support/a-firewall.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { onGateway } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './security-groups-cases.ts'

testTopic('security-groups', CASES)

/** The codes about network security groups in a plan for a cluster with these security rules on the node subnet. */
function groupCodes(
  rules: Partial<SecurityRuleFacts>[],
  options: { id?: string; plugin?: string } = {},
): string[] {
  const group = { ...aSecurityGroup(...rules), id: options.id ?? SECURITY_GROUP }
  const cluster = {
    agentPools: [aPool({ vnetSubnetId: SUBNET })],
    networkPluginMode: options.plugin ?? null,
  }
  const snapshot = aByoSnapshot(
    { ...onGateway[0], networkSecurityGroupId: group.id },
    { ...onGateway[1], cluster, networkSecurityGroups: [group] },
  )
  return codesOf(planFor(snapshot, 'userAssignedNATGateway')).filter((code) => code.startsWith('NSG_'))
}

const denyInternet = { name: 'deny', destinations: ['Internet'] }

const allow = (destination: string, port = '443') => ({
  access: 'Allow' as const,
  destinations: [destination],
  destinationPorts: [port],
})

t.test('reports nothing for groups that allow all egress', async (t) => {
  t.strictSame(groupCodes([]), [], 'default rules')
  t.strictSame(groupCodes([allow('*', '*'), denyInternet]), [], 'allowed before it is denied')
  t.strictSame(groupCodes([{ ...denyInternet, direction: 'Inbound' }]), [])
  t.strictSame(groupCodes([{ ...denyInternet, protocol: 'Udp' }]), [])
  t.strictSame(groupCodes([{ ...denyInternet, destinationPorts: ['25'] }]), [], 'another port')
  t.strictSame(groupCodes([{ ...denyInternet, destinations: ['20.0.0.0/8'] }]), [], 'a part of the internet')
})

t.test('distinguishes a group without egress from a group with exceptions', async (t) => {
  t.strictSame(groupCodes([denyInternet]), ['NSG_BLOCKS_EGRESS'])
  t.strictSame(groupCodes([allow('AzureCloud'), denyInternet]), ['NSG_DENY_EGRESS'])
  t.strictSame(
    groupCodes([allow('VirtualNetwork'), denyInternet]),
    ['NSG_BLOCKS_EGRESS'],
    'traffic inside the network is not egress',
  )
  t.strictSame(groupCodes([{ ...allow('Internet'), usesApplicationGroups: true }, denyInternet]), [
    'NSG_DENY_EGRESS',
  ])
  t.strictSame(groupCodes([{ ...denyInternet, sources: ['10.9.0.0/16'] }]), [], 'for other machines')
})

t.test('reports denied traffic between nodes and pods', async (t) => {
  const inside = { name: 'deny', sources: ['10.1.0.0/24'], destinations: ['10.1.0.0/24'] }
  t.strictSame(groupCodes([inside]), ['NSG_INTRA_SUBNET'])
  t.strictSame(groupCodes([{ ...inside, direction: 'Inbound' }]), ['NSG_INTRA_SUBNET'])
  t.strictSame(groupCodes([{ ...inside, destinationPorts: ['22'] }]), [], 'one port is not all traffic')
  t.strictSame(groupCodes([allow('10.1.0.0/24', '*'), inside]), [], 'allowed before')
  const pods = { name: 'deny', sources: ['*'], destinations: ['10.244.0.0/16'] }
  t.strictSame(groupCodes([pods], { plugin: 'overlay' }), ['NSG_INTRA_SUBNET'])
  t.strictSame(groupCodes([pods]), [], 'pods with addresses of the subnet have no separate range')
})

t.test('reports nothing for AKS-managed groups', async (t) => {
  const id = `${NODE_GROUP}/providers/Microsoft.Network/networkSecurityGroups/aks-nsg`
  t.strictSame(groupCodes([denyInternet], { id }), [])
})
