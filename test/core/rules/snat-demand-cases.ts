import { aSnapshot } from '../../support/a-cluster.ts'
import { busyBalancer, measuredBy } from '../../support/demand.ts'
import { natCluster, natIp, type RuleCases } from '../../support/rule-cases.ts'

const target = 'managedNATGateway'
const measured = (...demand: Parameters<typeof busyBalancer>) => ({
  snapshot: measuredBy(aSnapshot(), busyBalancer(...demand)),
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
    snapshot: measuredBy(aSnapshot({ cluster: natCluster, publicIps: [natIp] }), busyBalancer(3000, 1025)),
    target: 'loadBalancer',
    facts: { peakPerNode: 1025, portsPerNodeAfter: 1024 },
    absent: {
      snapshot: measuredBy(aSnapshot({ cluster: natCluster, publicIps: [natIp] }), busyBalancer(3000, 1024)),
    },
  },
  SNAT_FAILING_NOW: {
    severity: 'warning',
    ...measured(100, 50, 12),
    target,
    facts: { failed: 12, resources: ['kubernetes'] },
    absent: measured(100, 50, 0),
  },
}
