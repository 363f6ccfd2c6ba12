import { aPool, aSnapshot } from '../../support/a-cluster.ts'
import { clusterWith, NIC_RANGES, natCluster, natIp, type RuleCases } from '../../support/rule-cases.ts'

export const CASES: RuleCases = {
  AUTHORIZED_NODE_PIP: {
    severity: 'blocker',
    snapshot: aSnapshot({
      cluster: {
        ...natCluster,
        agentPools: [aPool({ enableNodePublicIP: true })],
        authorizedIPRanges: NIC_RANGES,
      },
      publicIps: [natIp],
    }),
    target: 'loadBalancer',
    facts: { pools: ['system'] },
  },
  AUTHORIZED_SELF_LOCKOUT: {
    severity: 'warning',
    snapshot: clusterWith({ authorizedIPRanges: NIC_RANGES, enableVnetIntegration: true }),
    target: 'managedNATGateway',
    facts: { former: ['20.1.0.1/32'], notAdmitted: [], notKnownYet: true },
    message: /may lose access .* to an address that is unknown at plan time\.$/,
  },
}
