import t from 'tap'
import type { SecurityRuleFacts } from '../../../src/core/snapshot/network-facts.ts'
import { aByoSnapshot, aPool, NODE_GROUP, SUBNET } from '../../support/a-cluster.ts'
import { aSecurityGroup, SECURITY_GROUP } from '../../support/a-firewall.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { onGateway } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './security-groups-cases.ts'

testTopic('security-groups', CASES)

/** The codes about security groups in a plan for a cluster whose nodes have these rules on their subnet. */
function said(rules: Partial<SecurityRuleFacts>[], given: { id?: string; plugin?: string } = {}): string[] {
  const group = { ...aSecurityGroup(...rules), id: given.id ?? SECURITY_GROUP }
  const cluster = {
    agentPools: [aPool({ vnetSubnetId: SUBNET })],
    networkPluginMode: given.plugin ?? null,
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

t.test('groups that let everything out say nothing', async (t) => {
  t.strictSame(said([]), [], 'default rules')
  t.strictSame(said([allow('*', '*'), denyInternet]), [], 'allowed before it is denied')
  t.strictSame(said([{ ...denyInternet, direction: 'Inbound' }]), [])
  t.strictSame(said([{ ...denyInternet, protocol: 'Udp' }]), [])
  t.strictSame(said([{ ...denyInternet, destinationPorts: ['25'] }]), [], 'another port')
  t.strictSame(said([{ ...denyInternet, destinations: ['20.0.0.0/8'] }]), [], 'a part of the internet')
})

t.test('a group without a way out is told from one with exceptions', async (t) => {
  t.strictSame(said([denyInternet]), ['NSG_BLOCKS_EGRESS'])
  t.strictSame(said([allow('AzureCloud'), denyInternet]), ['NSG_DENY_EGRESS'])
  t.strictSame(said([allow('VirtualNetwork'), denyInternet]), ['NSG_BLOCKS_EGRESS'], 'inside is no way out')
  t.strictSame(said([{ ...allow('Internet'), usesApplicationGroups: true }, denyInternet]), [
    'NSG_DENY_EGRESS',
  ])
  t.strictSame(said([{ ...denyInternet, sources: ['10.9.0.0/16'] }]), [], 'for other machines')
})

t.test('traffic among nodes and pods may not be denied', async (t) => {
  const inside = { name: 'deny', sources: ['10.1.0.0/24'], destinations: ['10.1.0.0/24'] }
  t.strictSame(said([inside]), ['NSG_INTRA_SUBNET'])
  t.strictSame(said([{ ...inside, direction: 'Inbound' }]), ['NSG_INTRA_SUBNET'])
  t.strictSame(said([{ ...inside, destinationPorts: ['22'] }]), [], 'one port is not the traffic')
  t.strictSame(said([allow('10.1.0.0/24', '*'), inside]), [], 'allowed before')
  const pods = { name: 'deny', sources: ['*'], destinations: ['10.244.0.0/16'] }
  t.strictSame(said([pods], { plugin: 'overlay' }), ['NSG_INTRA_SUBNET'])
  t.strictSame(said([pods]), [], 'pods with addresses of the subnet have no range of their own')
})

t.test("AKS's own group is left to AKS", async (t) => {
  const id = `${NODE_GROUP}/providers/Microsoft.Network/networkSecurityGroups/aks-nsg`
  t.strictSame(said([denyInternet], { id }), [])
})
