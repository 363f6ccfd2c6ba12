import { aByoSnapshot, aLoadBalancerProfile, aPublicIp, aSnapshot } from '../../support/a-cluster.ts'
import { AKS_IP, OWN_IP, onGateway, onTable } from '../../support/own-network.ts'
import { ownIp, type RuleCases, toV2 } from '../../support/rule-cases.ts'

export const CASES: RuleCases = {
  EGRESS_IP_LOST: {
    severity: 'acknowledge',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { addresses: ['20.1.0.1'], added: [], addedLater: 1, unseen: false },
    message:
      /permanently releases 20\.1\.0\.1: a rollback does not restore it, and Azure may assign it to another/,
    absent: { snapshot: aByoSnapshot(...onGateway), target: 'userAssignedNATGateway' },
  },
  EGRESS_IP_SOME_LOST: {
    severity: 'acknowledge',
    snapshot: aSnapshot({
      cluster: {
        loadBalancerProfile: aLoadBalancerProfile({
          managedOutboundIpCount: 2,
          effectiveOutboundIpIds: [...aLoadBalancerProfile().effectiveOutboundIpIds, AKS_IP],
        }),
      },
      publicIps: [aPublicIp({ id: AKS_IP, address: '20.1.0.2' })],
    }),
    target: { outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpCount: 1 } },
    facts: { addresses: ['20.1.0.1', '20.1.0.2'], released: 1 },
  },
  UNUSED_IP_RELEASED: {
    severity: 'warning',
    snapshot: aByoSnapshot(...onGateway),
    target: 'userAssignedNATGateway',
    facts: { addresses: ['20.1.0.1'] },
  },
  EGRESS_IP_CHANGES: {
    severity: 'warning',
    snapshot: aSnapshot({
      cluster: {
        loadBalancerProfile: aLoadBalancerProfile({
          managedOutboundIpCount: null,
          outboundIpIds: [OWN_IP],
          effectiveOutboundIpIds: [OWN_IP],
        }),
      },
      publicIps: [ownIp()],
    }),
    target: { outboundType: 'managedNATGateway', natGateway: { managedOutboundIpCount: 2 } },
    facts: { lost: ['20.4.0.1'], added: [], addedLater: 2, unseen: false, formerUnseen: false },
    message: /^The egress IPs change: 20\.4\.0\.1 is removed and 2 new addresses are added\.$/,
    absent: { snapshot: aByoSnapshot(...onGateway), target: 'userAssignedNATGateway' },
  },
  EGRESS_IP_UNKNOWN_BEFOREHAND: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { count: 1 },
    message: /^AKS creates 1 new address during the change/,
    absent: { snapshot: aSnapshot({ publicIps: [ownIp({ sku: 'StandardV2' })] }), target: toV2([OWN_IP]) },
  },
  EGRESS_PATH_NOT_IN_ARM: {
    severity: 'warning',
    snapshot: aByoSnapshot(...onTable('VirtualAppliance')),
    target: 'userDefinedRouting',
    facts: { paths: ['virtualAppliance'] },
    message: /egress uses a virtual appliance, whose public addresses this service did not find/,
  },
}
