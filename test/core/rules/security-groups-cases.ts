import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { aByoSnapshot } from '../../support/a-cluster.ts'
import { aSecurityGroup, SECURITY_GROUP } from '../../support/a-firewall.ts'
import { type RuleCases, toAppliance, withAppliance } from '../../support/rule-cases.ts'

const guarded = (...rules: Parameters<typeof aSecurityGroup>): Snapshot =>
  aByoSnapshot(
    { ...toAppliance, networkSecurityGroupId: SECURITY_GROUP },
    { ...withAppliance, networkSecurityGroups: [aSecurityGroup(...rules)] },
  )

export const CASES: RuleCases = {
  NSG_BLOCKS_EGRESS: {
    severity: 'acknowledge',
    snapshot: guarded({ name: 'deny-internet', destinations: ['Internet'] }),
    target: 'userDefinedRouting',
    facts: { rules: [{ group: 'nsg', rule: 'deny-internet' }] },
    message:
      /port 443 on the internet, and the rule `deny-internet` of the network security group `nsg` denies these connections/,
  },
  NSG_DENY_EGRESS: {
    severity: 'warning',
    snapshot: guarded(
      { name: 'azure', access: 'Allow', destinations: ['AzureCloud'], destinationPorts: ['443'] },
      { name: 'deny-internet', destinations: ['Internet'] },
    ),
    target: 'userDefinedRouting',
    facts: { rules: [{ group: 'nsg', rule: 'deny-internet' }] },
  },
  NSG_INTRA_SUBNET: {
    severity: 'blocker',
    snapshot: guarded({ name: 'deny-nodes', sources: ['10.1.0.0/16'], destinations: ['10.1.0.0/16'] }),
    target: 'userDefinedRouting',
    facts: { rules: [{ group: 'nsg', rule: 'deny-nodes' }] },
  },
}
