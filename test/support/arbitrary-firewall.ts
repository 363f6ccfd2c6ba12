import fc from 'fast-check'
import type { Unread } from '../../src/contract/preflight.ts'
import type { ReadResult } from '../../src/core/snapshot/authorization-facts.ts'
import type { RuleCollectionFacts } from '../../src/core/snapshot/firewall-facts.ts'
import type { Surroundings } from '../../src/core/snapshot/snapshot.ts'
import { GROUP, NETWORK, NODE_GROUP } from './a-cluster.ts'
import { NO_LISTS, withRights } from './permissions.ts'

/** Arbitrary firewalls, policies, security groups and what AKS says its nodes need, right and crooked. */

const resource = (kind: string, count: number) =>
  fc
    .tuple(fc.constantFrom(GROUP, NODE_GROUP), fc.integer({ min: 0, max: count - 1 }))
    .map(([at, n]) => `${at}/${NETWORK}/${kind}/${kind.slice(0, 3)}${n}`)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
const few = <T>(arbitrary: fc.Arbitrary<T>, maxLength = 3) => fc.array(arbitrary, { maxLength })
const privateAddress = fc.constantFrom('10.0.0.4', '10.0.0.5')
const ipId = resource('publicIPAddresses', 4)

const names = few(
  fc.constantFrom('mcr.microsoft.com', '*.microsoft.com', '*', '*.hcp.eastus.azmk8s.io', ''),
  2,
)
const sources = few(
  fc.constantFrom('*', '10.1.0.0/16', '10.1.0.7', '10.0.0.1-10.1.0.255', 'VirtualNetwork', ''),
  2,
)
const ports = few(fc.constantFrom('443', '*', '1-1024', '9000', '1194', 'x'), 2)
const groupId = resource('ipGroups', 2)
const common = {
  name: fc.constant('rule'),
  sources,
  sourceGroupIds: few(groupId, 1),
  hasUnreadSources: fc.boolean(),
}
const networkRule = fc.record({
  ...common,
  protocols: few(fc.constantFrom('TCP', 'UDP', 'Any'), 2),
  destinations: few(fc.constantFrom('*', 'AzureCloud', 'AzureCloud.EastUS', 'AzureMonitor', '20.0.0.0/8'), 2),
  destinationGroupIds: few(groupId, 1),
  fqdns: names,
  ports,
  hasUnreadDestinations: fc.boolean(),
})
const applicationRule = fc.record({
  ...common,
  protocols: few(
    fc.record({
      type: fc.constantFrom('Https', 'Http', 'Mssql'),
      port: maybe(fc.constantFrom(443, 80, 8080)),
    }),
    2,
  ),
  fqdns: names,
  fqdnTags: few(fc.constantFrom('AzureKubernetesService', 'WindowsUpdate'), 1),
  hasOtherConditions: fc.boolean(),
})
const collection: fc.Arbitrary<RuleCollectionFacts> = fc
  .record({
    name: fc.constant('collection'),
    priority: fc.integer({ min: 100, max: 65_000 }),
    action: fc.constantFrom('Allow' as const, 'Deny' as const),
    network: few(networkRule),
    application: maybe(few(applicationRule)),
  })
  .map(({ network, application, ...rest }) =>
    application === null
      ? { ...rest, kind: 'network' as const, rules: network }
      : { ...rest, kind: 'application' as const, rules: application },
  )
const policyId = resource('firewallPolicies', 2)

export const firewall = fc.record({
  id: resource('azureFirewalls', 2),
  tier: fc.constantFrom('Standard', 'Premium', null),
  privateAddresses: few(privateAddress, 2),
  hubPublicAddresses: few(fc.constantFrom('20.9.0.1', '20.9.0.2'), 2),
  publicIpIds: few(ipId, 2),
  virtualHubId: fc.constant(null),
  hasManagementInterface: fc.boolean(),
  subnetIds: fc.constant([] as string[]),
  policyId: maybe(policyId),
  dnsProxy: fc.boolean(),
  collections: few(collection),
})

export const securityGroupId = resource('networkSecurityGroups', 2)
const securityPlaces = few(
  fc.constantFrom(
    '*',
    'Internet',
    'VirtualNetwork',
    'AzureCloud',
    '0.0.0.0/0',
    '10.1.0.0/24',
    '10.244.0.0/16',
    '',
  ),
  2,
)
export const securityGroup = fc.record({
  id: securityGroupId,
  subnetIds: fc.constant([] as string[]),
  rules: few(
    fc.record({
      name: fc.constant('rule'),
      direction: fc.constantFrom('Inbound' as const, 'Outbound' as const),
      access: fc.constantFrom('Allow' as const, 'Deny' as const),
      priority: fc.integer({ min: 100, max: 65_500 }),
      protocol: fc.constantFrom('*', 'Tcp', 'Udp', 'Icmp'),
      sources: securityPlaces,
      destinations: securityPlaces,
      destinationPorts: ports,
      usesApplicationGroups: fc.boolean(),
    }),
  ),
})

const unreadable: Unread = { what: 'something', reason: 'denied', code: 'AuthorizationFailed', message: 'no' }
const policy = fc.record({
  id: policyId,
  basePolicyId: maybe(policyId),
  dnsProxy: fc.boolean(),
  collections: few(collection),
})
const ipGroup = fc.record({
  id: groupId,
  addresses: few(fc.constantFrom('10.1.0.0/16', '10.1.0.7', '20.0.0.1', 'x'), 2),
})
const dependency = fc.record({
  category: fc.constantFrom('images', 'apiserver', 'tunnel-classic'),
  destination: fc.constantFrom(
    'mcr.microsoft.com',
    'demo.hcp.eastus.azmk8s.io',
    'new.example.com',
    '20.0.0.1',
  ),
  port: fc.constantFrom(80, 443, 9000, 1194),
  protocol: fc.constantFrom('Https', 'Http', 'TCP', 'UDP', ''),
})
const read = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<ReadResult<T>> =>
  fc.oneof(
    value.map((each) => ({ facts: each })),
    fc.constant({ unread: unreadable }),
  )
export const surroundings: fc.Arbitrary<Surroundings> = fc.record({
  authorization: fc.constant(withRights().authorization),
  allowLists: fc.constant(NO_LISTS),
  outboundDependencies: maybe(read(few(dependency))),
  firewallPolicies: few(fc.tuple(policyId, read(policy))).map((entries) =>
    Object.fromEntries(entries.map(([id, each]) => [id.toLowerCase(), each])),
  ),
  ipGroups: few(fc.tuple(groupId, read(ipGroup))).map((entries) =>
    Object.fromEntries(entries.map(([id, each]) => [id.toLowerCase(), each])),
  ),
})
