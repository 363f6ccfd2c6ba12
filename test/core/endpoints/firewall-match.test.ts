import fc from 'fast-check'
import t from 'tap'
import type { FirewallPolicyFacts, RuleCollectionFacts } from '../../../src/core/snapshot/firewall-facts.ts'
import type { FirewallFacts } from '../../../src/core/snapshot/network-facts.ts'
import { aByoSnapshot, aFirewall, aSubnet, GROUP, NETWORK, SUBNET } from '../../support/a-cluster.ts'
import {
  anOpenFirewall,
  applicationRules,
  DOCUMENTED_RULES,
  FIREWALL,
  networkRules,
} from '../../support/a-firewall.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { onTable, TABLE } from '../../support/own-network.ts'
import { denied, withRights } from '../../support/permissions.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const [subnet, network] = onTable('VirtualAppliance')
const POLICY = `${GROUP}/${NETWORK}/firewallPolicies/policy`
const BASE = `${GROUP}/${NETWORK}/firewallPolicies/base`

/** How the plan finds an endpoint open behind a firewall with these rules. */
function open(
  name: string,
  collections: RuleCollectionFacts[],
  given: Partial<FirewallFacts> = {},
  prefixes = ['10.1.0.0/24'],
): string | undefined {
  const firewall = aFirewall({ id: FIREWALL, dnsProxy: true, collections, ...given })
  const snapshot = aByoSnapshot(
    { ...subnet, addressPrefixes: prefixes },
    { ...network, firewalls: [firewall] },
  )
  return found(planFor(snapshot, 'userDefinedRouting'), name)
}

function found({ requiredEndpoints }: ReturnType<typeof planFor>, name: string): string | undefined {
  const [destination, port] = name.split(' ')
  return requiredEndpoints?.endpoints.find(
    (each) => each.destination === destination && (port === undefined || each.port === Number(port)),
  )?.open
}

const MCR = 'mcr.microsoft.com'
const byName = (...fqdns: string[]) => applicationRules([{ fqdns }])

t.test('the documented rules open everything that is listed', async (t) => {
  const snapshot = aByoSnapshot(subnet, { ...network, firewalls: [anOpenFirewall()] })
  const { requiredEndpoints } = planFor(snapshot, 'userDefinedRouting')
  t.strictSame([...new Set(requiredEndpoints?.endpoints.map((each) => each.open))], ['open'])
})

t.test('a firewall denies endpoints without an allow rule', async (t) => {
  t.equal(open(MCR, []), 'blocked')
  t.equal(open(MCR, [byName('mcr.microsoft.com')]), 'open')
  t.equal(open(MCR, [byName('other.microsoft.com')]), 'blocked')
})

t.test('names in rules may begin with a star, and so may wanted ones', async (t) => {
  t.equal(open(MCR, [byName('*.microsoft.com')]), 'open')
  t.equal(open(MCR, [byName('*')]), 'open')
  t.equal(open('*.hcp.eastus.azmk8s.io', [byName('*.azmk8s.io')]), 'open')
  t.equal(open('*.hcp.eastus.azmk8s.io', [byName('one.hcp.eastus.azmk8s.io')]), 'notProven', 'one of many')
  t.equal(open(MCR, [byName('*.data.mcr.microsoft.com')]), 'blocked')
})

t.test('protocol and port must fit', async (t) => {
  const plain = applicationRules([{ fqdns: ['*'], protocols: [{ type: 'Http', port: 80 }] }])
  t.equal(open(MCR, [plain]), 'blocked')
  t.equal(open('security.ubuntu.com', [plain]), 'open')
  const other = applicationRules([{ fqdns: ['*'], protocols: [{ type: 'Https', port: 8443 }] }])
  t.equal(open(MCR, [other]), 'blocked')
})

t.test('the sources of a rule must cover the whole range of the nodes', async (t) => {
  const from = (...sources: string[]) => open(MCR, [applicationRules([{ fqdns: [MCR], sources }])])
  t.equal(from('10.1.0.0/16'), 'open')
  t.equal(from('10.1.0.0-10.1.0.255'), 'open', 'a range')
  t.equal(from('10.1.0.0/25', '10.1.0.128/25'), 'open', 'two halves')
  t.equal(from('10.1.0.0/25'), 'notProven', 'one half')
  t.equal(from('10.2.0.0/16'), 'blocked')
  t.equal(open(MCR, [applicationRules([{ fqdns: [MCR], sources: [], hasUnreadSources: true }])]), 'notProven')
  const half = [applicationRules([{ fqdns: [MCR], sources: ['10.1.0.0/24'] }])]
  t.equal(open(MCR, half, {}, ['10.1.0.0/24', '10.7.0.0/24']), 'blocked', 'every range of the subnet')
  t.equal(open(MCR, half, {}, ['10.1.0.0/24', 'fd00::/64']), 'open', 'IPv6 does not pass this firewall')
})

t.test('the first rule that fits decides, and network rules are asked first', async (t) => {
  const deny = networkRules([{ destinations: ['*'], ports: ['*'] }], { action: 'Deny' })
  t.equal(open(MCR, [byName(MCR), deny]), 'blocked', 'wherever the application rule stands')
  t.equal(open(MCR, [networkRules([{ destinations: ['*'] }]), deny]), 'open')
  const denyName = applicationRules([{ fqdns: [MCR] }], { action: 'Deny' })
  t.equal(open(MCR, [denyName, byName('*')]), 'blocked')
  t.equal(open(MCR, [byName('*'), denyName]), 'open')
  const perhaps = networkRules([{ destinations: ['20.0.0.0/8'] }], { action: 'Deny' })
  t.equal(open(MCR, [perhaps, byName('*')]), 'notProven', 'the name may lie behind the denied addresses')
})

t.test('an uncertain rule matters only if its action differs from the deciding rule', async (t) => {
  const tag = (action: 'Allow' | 'Deny') =>
    networkRules([{ destinations: ['AzureActiveDirectory'] }], { action })
  const allow = byName(MCR)
  const deny = applicationRules([{ fqdns: [MCR] }], { action: 'Deny' })
  const table: [RuleCollectionFacts[], string][] = [
    [[tag('Allow'), allow], 'open'],
    [[tag('Allow'), deny], 'notProven'],
    [[tag('Allow')], 'notProven'],
    [[tag('Deny'), allow], 'notProven'],
    [[tag('Deny'), deny], 'blocked'],
    [[tag('Deny')], 'blocked'],
    [[tag('Allow'), tag('Deny'), allow], 'notProven'],
    [[allow, deny, tag('Allow')], 'open'],
  ]
  for (const [collections, expected] of table)
    t.equal(open(MCR, collections), expected, collections.map(({ action }) => action).join(', '))
})

/** How surely a rule matches `mcr.microsoft.com:443` from the nodes, by construction. */
const CERTAINTIES = ['matches', 'may match', 'never matches'] as const
const NETWORK_DESTINATIONS = {
  matches: '*',
  'may match': 'AzureActiveDirectory',
  'never matches': '10.0.0.0/8',
}
const APPLICATION_RULES = {
  matches: { fqdns: [MCR] },
  'may match': { fqdns: [MCR], sources: ['10.1.0.0/25'] },
  'never matches': { fqdns: ['other.example.com'] },
}

interface Kind {
  kind: 'network' | 'application'
  action: 'Allow' | 'Deny'
  certainty: (typeof CERTAINTIES)[number]
}

/** What the firewall may do: every combination of doubtful collections that match or not, the first match decides. */
function possibleResults(kinds: Kind[]): Set<string> {
  const ordered = [
    ...kinds.filter(({ kind }) => kind === 'network'),
    ...kinds.filter(({ kind }) => kind !== 'network'),
  ]
  const results = new Set<string>()
  for (let world = 0; world < 2 ** ordered.length; world++) {
    const decides = ordered.find(
      ({ certainty }, index) =>
        certainty === 'matches' || (certainty === 'may match' && Math.floor(world / 2 ** index) % 2 === 1),
    )
    results.add(decides?.action ?? 'Deny')
  }
  return results
}

t.test(
  'the result is proven only if every resolution of the uncertain rules gives the same result',
  async (t) => {
    const kind = fc.record({
      kind: fc.constantFrom('network' as const, 'application' as const),
      action: fc.constantFrom('Allow' as const, 'Deny' as const),
      certainty: fc.constantFrom(...CERTAINTIES),
    })
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.array(kind, { maxLength: 6 }), (kinds) => {
        const collections = kinds.map(({ kind, action, certainty }) =>
          kind === 'network'
            ? networkRules([{ destinations: [NETWORK_DESTINATIONS[certainty]] }], { action })
            : applicationRules([APPLICATION_RULES[certainty]], { action }),
        )
        const results = possibleResults(kinds)
        const expected = results.size > 1 ? 'notProven' : results.has('Allow') ? 'open' : 'blocked'
        seen.add(expected)
        return open(MCR, collections) === expected
      }),
      { numRuns: propertyRuns() },
    )
    t.equal(seen.size, 3, 'all three results occurred')
  },
)

t.test('network rules open tunnels by the tag of the region', async (t) => {
  const to = (rule: Parameters<typeof networkRules>[0][number]) =>
    open('AzureCloud.eastus 9000', [networkRules([{ ports: ['9000'], ...rule }])])
  t.equal(to({ destinations: ['AzureCloud.EastUS'] }), 'open')
  t.equal(to({ destinations: ['AzureCloud'] }), 'open', 'all regions')
  t.equal(to({ destinations: ['AzureCloud.WestUS'] }), 'blocked')
  t.equal(to({ destinations: ['*'], ports: ['8000-9500'] }), 'open')
  t.equal(to({ destinations: ['*'], ports: ['443'] }), 'blocked')
  t.equal(to({ destinations: ['*'], protocols: ['UDP'] }), 'blocked')
  t.equal(to({ destinations: ['*'], protocols: ['Any'] }), 'open')
  t.equal(to({ destinations: ['20.9.9.9'] }), 'notProven', 'it may be the address of the API server')
  t.equal(to({ destinations: ['10.0.0.0/8'] }), 'blocked', 'a private one is not')
})

t.test('pods reach the IP address of the API server by a network rule, never by the FQDN tag', async (t) => {
  const pods = 'AzureCloud.eastus 443'
  t.equal(open(pods, [applicationRules([{ fqdnTags: ['AzureKubernetesService'] }])]), 'blocked')
  t.equal(open(pods, [networkRules([{ destinations: ['AzureCloud.eastus'] }])]), 'open')
  t.equal(open(pods, [networkRules([{ destinations: ['AzureCloud'] }])]), 'open')
  t.equal(
    open(pods, [networkRules([{ destinations: ['20.9.9.9'] }])]),
    'notProven',
    'it may be the API server',
  )
  t.equal(open(pods, [networkRules([{ destinations: ['AzureCloud.westus'] }])]), 'blocked')
})

t.test('network rules with FQDNs require the DNS proxy', async (t) => {
  const rules = [networkRules([{ protocols: ['UDP'], fqdns: ['ntp.ubuntu.com'], ports: ['123'] }])]
  t.equal(open('ntp.ubuntu.com', rules), 'open')
  t.equal(open('ntp.ubuntu.com', rules, { dnsProxy: false }), 'notProven')
})

t.test('unread rules prove nothing', async (t) => {
  t.equal(open(MCR, [networkRules([{ hasUnreadDestinations: true }])]), 'notProven')
  t.equal(open(MCR, [applicationRules([{ hasOtherConditions: true }])]), 'notProven')
  t.equal(open(MCR, [networkRules([{ destinations: ['MicrosoftContainerRegistry'] }])]), 'notProven')
  t.equal(
    open(MCR, [networkRules([{ destinations: ['AzureMonitor'] }])]),
    'blocked',
    'it holds the monitor alone',
  )
})

t.test('rules of a policy apply after the rules of its base policy', async (t) => {
  const plan = (policies: Partial<Record<string, Partial<FirewallPolicyFacts>>>, unread: string[] = []) => {
    const read = Object.entries(policies).map(([id, given]) => [
      id.toLowerCase(),
      { facts: { id, basePolicyId: null, dnsProxy: true, collections: [], ...given } },
    ])
    const failed = unread.map((id) => [id.toLowerCase(), denied(id)])
    const surroundings = { ...withRights(), firewallPolicies: Object.fromEntries([...read, ...failed]) }
    const firewall = aFirewall({ id: FIREWALL, policyId: POLICY })
    return planFor(
      aByoSnapshot(subnet, { ...network, firewalls: [firewall], surroundings }),
      'userDefinedRouting',
    )
  }
  const own = { collections: [applicationRules([{ fqdnTags: ['AzureKubernetesService'] }])] }
  t.equal(found(plan({ [POLICY]: own }), MCR), 'open')
  const deny = { collections: [applicationRules([{ fqdns: [MCR] }], { action: 'Deny' })] }
  const child = { ...own, basePolicyId: BASE.toUpperCase() }
  t.equal(found(plan({ [POLICY]: child, [BASE]: deny }), MCR), 'blocked')
  t.equal(found(plan({ [POLICY]: child, [BASE]: {} }), MCR), 'open')
  t.equal(
    found(plan({ [POLICY]: child }, [BASE]), MCR),
    'notChecked',
    'what an unread base denies is unknown',
  )
  const unread = plan({}, [POLICY])
  t.equal(found(unread, MCR), 'notChecked')
  const said = unread.findings.find((each) => each.code === 'UDR_FIREWALL_RULES')
  t.match(said, {
    severity: 'acknowledge',
    message: /policy policy could not be read \(AuthorizationFailed\)/,
  })
  t.ok(unread.acknowledgementsRequired.includes('UDR_FIREWALL_RULES'))
  t.match(plan({}).findings.find((each) => each.code === 'UDR_FIREWALL_RULES')?.message, /was not read/)
})

const NODES_GROUP = `${GROUP}/${NETWORK}/ipGroups/nodes`
const SERVICES_GROUP = `${GROUP}/${NETWORK}/ipGroups/services`

/** How the plan finds an endpoint open behind these rules with these IP groups; null is a group that is not readable. */
function openWithGroups(
  name: string,
  collections: RuleCollectionFacts[],
  groups: Record<string, string[] | null>,
): string | undefined {
  const ipGroups = Object.fromEntries(
    Object.entries(groups).map(([id, addresses]) => [
      id.toLowerCase(),
      addresses === null ? denied(id) : { facts: { id, addresses } },
    ]),
  )
  const firewalls = [aFirewall({ id: FIREWALL, dnsProxy: true, collections })]
  const surroundings = { ...withRights(), ipGroups }
  return found(
    planFor(aByoSnapshot(subnet, { ...network, firewalls, surroundings }), 'userDefinedRouting'),
    name,
  )
}

t.test('the addresses of IP groups are sources like any other', async (t) => {
  const rules = (...groups: string[]) => [
    applicationRules([{ fqdns: [MCR], sources: [], sourceGroupIds: groups }]),
  ]
  const from = (addresses: string[] | null) =>
    openWithGroups(MCR, rules(NODES_GROUP), { [NODES_GROUP]: addresses })
  t.equal(from(['10.1.0.0/16']), 'open')
  t.equal(from(['10.1.0.0/25', '10.1.0.128-10.1.0.255']), 'open')
  t.equal(from(['10.1.0.0/25']), 'notProven', 'half of the nodes')
  t.equal(from(['10.7.0.0/16']), 'blocked')
  t.equal(from([]), 'blocked', 'an empty group')
  t.equal(from(null), 'notProven', 'a group that is not readable')
  t.equal(openWithGroups(MCR, rules(NODES_GROUP), {}), 'notProven', 'a group that was not read')
  const both = { [NODES_GROUP]: null, [SERVICES_GROUP]: ['10.1.0.0/16'] }
  t.equal(
    openWithGroups(MCR, rules(NODES_GROUP, SERVICES_GROUP), both),
    'open',
    'the readable group suffices',
  )
  const upper = rules(NODES_GROUP.toUpperCase())
  t.equal(openWithGroups(MCR, upper, { [NODES_GROUP]: ['10.1.0.0/16'] }), 'open', 'in any letter case')
})

t.test('the addresses of IP groups are destinations like any other', async (t) => {
  const tunnel = 'AzureCloud.eastus 9000'
  const to = (addresses: string[] | null, action: 'Allow' | 'Deny' = 'Allow') =>
    openWithGroups(
      tunnel,
      [
        networkRules([{ destinationGroupIds: [SERVICES_GROUP], ports: ['*'] }], { action }),
        networkRules([{ destinations: ['AzureCloud'], ports: ['*'] }]),
      ],
      { [SERVICES_GROUP]: addresses },
    )
  t.equal(to(['20.0.0.0/8']), 'open')
  t.equal(to(['20.0.0.0/8'], 'Deny'), 'notProven', 'the API server may have such an address')
  t.equal(to(['10.0.0.0/8'], 'Deny'), 'open', 'it has no private one')
  t.equal(to(null, 'Deny'), 'notProven', 'an unreadable group may deny')
  t.equal(to(['0.0.0.0/0'], 'Deny'), 'blocked')
})

t.test('an IP group is enough for the FQDN tag', async (t) => {
  const collections = [
    applicationRules([{ fqdnTags: ['AzureKubernetesService'], sources: [], sourceGroupIds: [NODES_GROUP] }]),
  ]
  const firewalls = [aFirewall({ id: FIREWALL, collections })]
  const ipGroups = { [NODES_GROUP.toLowerCase()]: { facts: { id: NODES_GROUP, addresses: ['10.1.0.0/16'] } } }
  const codes = (groups: typeof ipGroups | Record<string, never>) => {
    const surroundings = { ...withRights(), ipGroups: groups }
    return codesOf(
      planFor(aByoSnapshot(subnet, { ...network, firewalls, surroundings }), 'userDefinedRouting'),
    )
  }
  t.notOk(codes(ipGroups).includes('FIREWALL_FQDN_TAG_MISSING'))
  t.notOk(codes({}).includes('FIREWALL_FQDN_TAG_MISSING'), 'an unread group may hold the nodes')
})

t.test('the worst of all subnets counts', async (t) => {
  const snapshot = aByoSnapshot(subnet, { ...network, firewalls: [anOpenFirewall()] })
  const plan = (other: Parameters<typeof aSubnet>[0]) =>
    planFor(
      { ...snapshot, subnets: [...snapshot.subnets, aSubnet({ id: `${SUBNET}-2`, ...other })] },
      'userDefinedRouting',
    )
  t.equal(found(plan({ routeTableId: TABLE }), MCR), 'open')
  t.equal(found(plan({}), MCR), 'open', 'no firewall applies to a subnet without a route to one')
})

t.test(
  'a blocked endpoint blocks an image upgrade, and an unproven endpoint requires acknowledgement',
  async (t) => {
    const upgrade = (collections: RuleCollectionFacts[]) => {
      const firewalls = [aFirewall({ id: FIREWALL, dnsProxy: true, collections })]
      const snapshot = aByoSnapshot(subnet, { ...network, firewalls })
      return codesOf(planFor(snapshot, 'userDefinedRouting', { upgradeNodeImages: true }))
    }
    t.ok(upgrade([]).includes('REIMAGE_NEEDS_EGRESS'))
    t.notOk(upgrade(DOCUMENTED_RULES).includes('REIMAGE_NEEDS_EGRESS'))
    t.strictSame(
      upgrade([networkRules([{ destinations: ['20.0.0.0/8'] }])]).filter((code) =>
        /REIMAGE|RULES$/.test(code),
      ),
      ['UDR_FIREWALL_RULES'],
      'said once',
    )
  },
)
