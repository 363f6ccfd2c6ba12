import { aLoadBalancerProfile } from '../../support/a-cluster.ts'
import { clusterWith, type RuleCases } from '../../support/rule-cases.ts'

export const CASES: RuleCases = {
  RECONCILE_APPLIES_SETTINGS: {
    severity: 'warning',
    snapshot: clusterWith({ provisioningState: 'Failed' }),
    target: 'managedNATGateway',
    given: { reconcile: true },
    facts: { outboundType: 'loadBalancer', coversEgress: null },
    absent: { given: {} },
  },
  RECONCILE_COMPLETES_CHANGE: {
    severity: 'acknowledge',
    snapshot: clusterWith({
      provisioningState: 'Failed',
      outboundType: 'managedNATGateway',
      natGatewayProfile: null,
      loadBalancerProfile: aLoadBalancerProfile(),
      authorizedIPRanges: ['203.0.113.0/24'],
    }),
    target: 'managedNATGateway',
    given: { reconcile: true },
    facts: { outboundType: 'managedNATGateway', releases: ['20.1.0.1'], creates: true, coversEgress: false },
    message: /creates addresses and permanently releases 20\.1\.0\.1; nodes have no access/,
    absent: { snapshot: clusterWith({ provisioningState: 'Failed' }) },
  },
  CHANGE_INTERRUPTED: {
    severity: 'warning',
    snapshot: clusterWith({
      outboundType: 'managedNATGateway',
      natGatewayProfile: null,
      loadBalancerProfile: aLoadBalancerProfile(),
    }),
    target: 'none',
    facts: { outboundType: 'managedNATGateway', former: 'loadBalancer' },
    message: /from `loadBalancer` to `managedNATGateway` appears to be incomplete/,
    absent: { given: { reconcile: true } },
  },
  RECONCILE_BUSY: {
    severity: 'blocker',
    snapshot: clusterWith({ provisioningState: 'Updating' }),
    target: 'managedNATGateway',
    given: { reconcile: true },
    absent: { snapshot: clusterWith({ provisioningState: 'Failed' }) },
  },
}
