import { aByoSnapshot, aPublicIp, aSnapshot, features } from '../../support/a-cluster.ts'
import { OWN_IP, onGateway } from '../../support/own-network.ts'
import type { RuleCases } from '../../support/rule-cases.ts'

export const CASES: RuleCases = {
  ASK_BEFOREHAND: {
    severity: 'info',
    snapshot: aSnapshot({
      cluster: { features: features({ networkPolicy: 'cilium' }) },
      publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1' })],
    }),
    target: 'managedNATGateway',
    facts: { questions: [{ rule: 'SNAT_NAT_SIZING' }, { rule: 'NETPOL_CILIUM_ACNS' }] },
    message: /check 2 points yourself\.$/,
    absent: { snapshot: aByoSnapshot(...onGateway), target: 'userAssignedNATGateway' },
  },
}
