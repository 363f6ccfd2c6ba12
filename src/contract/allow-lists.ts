import { type Static, Type } from 'typebox'
import { enumOf, nullable, ref, string, strings } from './fields.ts'

/** Every resource type whose allow lists are searched, as ARM's documentation spells it. */
export const ALLOW_LIST_TYPE_NAMES = [
  'Microsoft.ContainerService/managedClusters',
  'Microsoft.Storage/storageAccounts',
  'Microsoft.KeyVault/vaults',
  'Microsoft.CognitiveServices/accounts',
  'Microsoft.ContainerRegistry/registries',
  'Microsoft.DocumentDB/databaseAccounts',
  'Microsoft.Network/networkSecurityGroups',
  'Microsoft.Network/azureFirewalls',
  'Microsoft.Network/ipGroups',
  'Microsoft.Network/frontDoorWebApplicationFirewallPolicies',
  'Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies',
  'Microsoft.Network/firewallPolicies',
  'Microsoft.Sql/servers',
  'Microsoft.DBforPostgreSQL/flexibleServers',
  'Microsoft.DBforMySQL/flexibleServers',
  'Microsoft.EventHub/namespaces',
  'Microsoft.ServiceBus/namespaces',
  'Microsoft.Web/sites',
  'Microsoft.Web/sites/slots',
  'Microsoft.ApiManagement/service',
] as const
export type AllowListType = (typeof ALLOW_LIST_TYPE_NAMES)[number]

/** The effect of a rule on a client that it matches. */
export const RULE_EFFECTS = ['allow', 'deny', 'other'] as const
export type RuleEffect = (typeof RULE_EFFECTS)[number]

export const INEFFECTIVE_REASONS = ['sameRegion', 'serviceEndpoint'] as const

export const UNREAD_REASONS = ['denied', 'not-found', 'failed', 'beyond-limit', 'not-searched'] as const

const addLater = Type.Integer({
  description:
    'The minimum number of new addresses that are not known yet. `egressIps` shows when each address becomes known.',
})

const AllowListCoverageSchema = Type.Object({
  complete: Type.Boolean({
    description:
      'True if every allow list that is visible to the identity of this service was read. Azure Resource Graph silently omits resources that the identity has no permission to see.',
  }),
  searched: Type.Array(Type.Object({ type: string('The ARM resource type.'), resources: Type.Integer() }), {
    description: 'The number of resources found for each type, including zero.',
  }),
  unread: Type.Array(
    Type.Object({
      type: enumOf(ALLOW_LIST_TYPE_NAMES),
      what: string('The ID of the resource, or the resource type.'),
      reason: enumOf(UNREAD_REASONS),
      code: string(),
      message: string(),
    }),
    {
      description:
        'Resources and resource types that were not searched and may contain an address of the cluster.',
    },
  ),
})
export type AllowListCoverage = Static<typeof AllowListCoverageSchema>
export type AllowListUnread = AllowListCoverage['unread'][number]

/** An entry of a rule that covers an address that the cluster loses or may lose, or from which packets move. */
export const AllowListImpactSchema = Type.Object(
  {
    resourceId: string(),
    type: string('The ARM resource type.'),
    place: string(
      'A JSON pointer into the body of the resource. It starts with the name of the child resource if the entry belongs to a child resource.',
    ),
    rule: nullable(Type.String(), {
      description: 'The name of the rule. Null if entries of this resource type belong to no named rule.',
    }),
    entry: string('The entry as spelled in the list.'),
    effect: enumOf(RULE_EFFECTS, {
      description:
        'The effect of the rule on the addresses. `other`: the rule logs, counts or challenges requests, or the entry belongs to a group without an effect of its own.',
    }),
    inForce: Type.Boolean({ description: 'Whether the resource currently enforces the list.' }),
    // Omitted in plans of earlier versions.
    ineffective: Type.Optional(
      nullable(
        Type.Object({
          reason: enumOf(INEFFECTIVE_REASONS, {
            description:
              '`sameRegion`: the storage account is in the region of the cluster. `serviceEndpoint`: the subnets have a service endpoint for this service.',
          }),
          subnetIds: strings('The subnets of the cluster. The entry does not apply to their traffic.'),
          forAll: Type.Boolean({
            description:
              'Whether this applies to all traffic of the cluster. If true, the entry has no effect on the cluster.',
          }),
        }),
        {
          description:
            'Why the entry does not apply to traffic of the cluster: the traffic has private source addresses, so only virtual network rules or private endpoints allow it. Null if the entry applies.',
        },
      ),
    ),
    covers: Type.Array(Type.Object({ address: string(), change: enumOf(['lost', 'unknown', 'kept']) }), {
      description:
        'The addresses of the cluster that the entry covers. `lost`: the cluster loses the address. `unknown`: AKS decides whether the cluster keeps the address. `kept`: the cluster keeps the address, but some or all packets from this address leave from the addresses in `add` after the change.',
    }),
    // Also empty if the cluster sends no traffic from the addresses that the entry covers.
    add: strings(
      'The new source addresses of packets that left from the covered addresses before the change. Addresses that an entry of this list already covers are omitted. The cluster may already use such an address for other packets. Empty for a rule that denies, and for an entry that applies to no traffic of the cluster.',
    ),
    addLater,
    // An entry that also covers other addresses is left to its owner.
    removeLater: strings(
      'The entry to remove after the change. Empty if the entry also covers addresses that do not belong to the cluster.',
    ),
  },
  { $id: 'AllowListImpact' },
)
export type AllowListImpact = Static<typeof AllowListImpactSchema>
export type LostAddress = AllowListImpact['covers'][number]

/** A consumer from the request, with the required changes of its allow list. */
export const ConsumerSchema = Type.Object(
  {
    name: string(),
    contact: nullable(Type.String()),
    note: nullable(Type.String()),
    addresses: strings(
      'The entries of the allow list, as given in the request. In a plan that follows a job: the entries after the edits that the report of that job requested.',
    ),
    drop: strings(
      'Entries to remove after the change. If the request gave no entries: all addresses that the cluster loses.',
    ),
    add: strings(
      'Addresses to add before the cutover. The cluster may already use such an address for other packets.',
    ),
    addLater,
  },
  { $id: 'Consumer' },
)
export type Consumer = Static<typeof ConsumerSchema>

/** Allow lists that contain addresses that the cluster loses, or from which packets move. A prefix is shown as its CIDR. */
export const AllowListsPlanSchema = Type.Object(
  {
    coverage: AllowListCoverageSchema,
    impacts: Type.Array(ref(AllowListImpactSchema), {
      description:
        'Entries of other Azure resources that cover an affected address. An address is affected if the cluster loses it or may lose it, or if packets move from it to another address.',
    }),
    consumers: Type.Array(ref(ConsumerSchema), {
      description: 'The consumers from the request, each with the required changes.',
    }),
  },
  { $id: 'AllowListsPlan', description: 'The allow lists that contain addresses that the cluster loses.' },
)
export type AllowListsPlan = Static<typeof AllowListsPlanSchema>
