import { aByoSnapshot, aFirewall, aSnapshot } from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { aSeries, busyBalancer, measuredBy } from '../../support/demand.ts'
import { type RuleCases, toAppliance, withAppliance } from '../../support/rule-cases.ts'

const target = 'managedNATGateway'
const measured = (...demand: Parameters<typeof busyBalancer>) => ({
  snapshot: measuredBy(aSnapshot(), busyBalancer(...demand)),
})

/** A cluster that leaves by a firewall with this use of its SNAT ports. */
export const busyFirewall = (percent: number, given: Parameters<typeof aByoSnapshot>[1] = {}) => ({
  snapshot: measuredBy(
    aByoSnapshot(toAppliance, { ...withAppliance, firewalls: [aFirewall({ id: FIREWALL })], ...given }),
    [aSeries('SNATPortUtilization', [{ maximum: percent }])],
    'firewall',
    FIREWALL,
  ),
})

export const CASES: RuleCases = {
  SNAT_DEMAND_EXCEEDS: {
    severity: 'warning',
    ...measured(64_513, 2000),
    target,
    facts: { peak: 64_513, portsAfter: 64_512, suggestedIpCount: 2 },
    absent: measured(64_512, 2000),
  },
  SNAT_NODE_DEMAND_EXCEEDS: {
    severity: 'warning',
    ...measured(600, 1025),
    target: { outboundType: 'loadBalancer', loadBalancer: { allocatedOutboundPorts: 1024 } },
    facts: { peakPerNode: 1025, portsPerNodeAfter: 1024 },
    absent: measured(600, 1024),
  },
  SNAT_FIREWALL_EXHAUSTED: {
    severity: 'warning',
    ...busyFirewall(96),
    target: 'userDefinedRouting',
    facts: { firewalls: ['fw'], percent: 96 },
    absent: busyFirewall(95),
  },
  SNAT_FAILING_NOW: {
    severity: 'warning',
    ...measured(100, 50, 12),
    target,
    facts: { failed: 12, resources: ['kubernetes'] },
    absent: measured(100, 50, 0),
  },
}
