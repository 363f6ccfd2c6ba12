import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import { aByoSnapshot, aSnapshot } from '../../support/a-cluster.ts'
import { OWN_IP, onGateway, onTable } from '../../support/own-network.ts'
import {
  clusterWith,
  natCluster,
  natIp,
  ownIp,
  pool,
  type RuleCases,
  toV2,
} from '../../support/rule-cases.ts'

const RANGES = ['203.0.113.0/24']
const withRanges = (authorizedIPRanges: string[], cluster: Partial<ClusterFacts> = {}) =>
  aByoSnapshot(onGateway[0], { ...onGateway[1], cluster: { ...pool(), authorizedIPRanges, ...cluster } })
const many = (count: number) => Array.from({ length: count }, (_, index) => `198.51.100.${index}/32`)
const target = 'managedNATGateway'
const newAddress = {
  snapshot: aSnapshot({
    cluster: { authorizedIPRanges: RANGES },
    publicIps: [ownIp({ sku: 'StandardV2' })],
  }),
  target: toV2([OWN_IP]),
}

export const CASES: RuleCases = {
  AUTHORIZED_VNETINT_NODES_PRIVATE: {
    severity: 'info',
    snapshot: aSnapshot({ cluster: { authorizedIPRanges: RANGES, enableVnetIntegration: true } }),
    target: 'managedNATGateway',
    // The egress addresses stay the same.
    absent: {
      snapshot: withRanges(RANGES, { enableVnetIntegration: true }),
      target: 'userAssignedNATGateway',
    },
  },
  AUTHORIZED_RANGES_MISS_EGRESS: {
    severity: 'warning',
    snapshot: aSnapshot({ cluster: { ...natCluster, authorizedIPRanges: RANGES }, publicIps: [natIp] }),
    target: 'managedNATGateway',
    facts: { missing: ['20.2.0.1/32'], added: true },
    absent: {
      snapshot: aSnapshot({
        cluster: { ...natCluster, authorizedIPRanges: ['20.2.0.0/24'] },
        publicIps: [natIp],
      }),
    },
  },
  AUTHORIZED_RANGES_WIDENED: {
    severity: 'warning',
    ...newAddress,
    facts: { missing: ['20.4.0.1/32'] },
    absent: { snapshot: withRanges(RANGES), target: 'userAssignedNATGateway' },
  },
  AUTHORIZED_RANGES_MISS_NEW_EGRESS: {
    severity: 'blocker',
    ...newAddress,
    given: { authorizedRanges: 'keep' },
    facts: { missing: ['20.4.0.1/32'] },
    absent: { given: { authorizedRanges: 'widen' } },
  },
  AUTHORIZED_RANGES_TARGET_UNKNOWABLE: {
    severity: 'acknowledge',
    snapshot: clusterWith({ authorizedIPRanges: RANGES }),
    target: 'managedNATGateway',
    facts: { count: 1, added: true, allowed: [] },
  },
  AUTHORIZED_EGRESS_NOT_IN_ARM: {
    severity: 'acknowledge',
    snapshot: aByoSnapshot({}, { cluster: { ...pool(), authorizedIPRanges: RANGES } }),
    target: 'userDefinedRouting',
    given: {
      prepare: { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' } },
    },
    // The API server already allows or denies the addresses of an appliance that carries its traffic.
    absent: {
      snapshot: aByoSnapshot(onTable('VirtualAppliance')[0], {
        ...onTable('VirtualAppliance')[1],
        cluster: { ...pool(), authorizedIPRanges: RANGES },
      }),
    },
  },
  AUTHORIZED_ZERO_PLACEHOLDER: {
    severity: 'blocker',
    snapshot: withRanges(['0.0.0.0/32']),
    target: 'userAssignedNATGateway',
    facts: { target: 'userAssignedNATGateway' },
  },
  AUTHORIZED_AUTO_ADD_IS_LB_ONLY: {
    severity: 'warning',
    snapshot: clusterWith({ authorizedIPRanges: RANGES }),
    target,
    given: { authorizedRanges: 'keep' },
    facts: { addresses: ['20.1.0.1/32'] },
    absent: { given: { authorizedRanges: 'widen' } },
  },
  AUTHORIZED_LIMIT: {
    severity: 'blocker',
    snapshot: withRanges(many(200)),
    target: 'userAssignedNATGateway',
    facts: { count: 201, limit: 200 },
    absent: { snapshot: withRanges(many(199)) },
  },
  AUTHORIZED_CIDR_FORM: {
    severity: 'blocker',
    snapshot: withRanges(['203.0.113.7/24']),
    target: 'userAssignedNATGateway',
    facts: { ranges: ['203.0.113.7/24'] },
  },
  AUTHORIZED_SERVICE_TAG: {
    severity: 'info',
    snapshot: withRanges(['AzureDevOps', ...RANGES]),
    target: 'userAssignedNATGateway',
    facts: { tags: ['AzureDevOps'] },
  },
}
