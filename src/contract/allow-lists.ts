import { type Static, Type } from 'typebox'
import { enumOf, nullable, ref, string, strings } from './fields.ts'

/** Every type whose allow-lists are searched, as ARM's documentation spells it. */
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

/** What a rule does with a client that it names. */
export const RULE_EFFECTS = ['allow', 'deny', 'other'] as const
export type RuleEffect = (typeof RULE_EFFECTS)[number]

export const UNREAD_REASONS = ['denied', 'not-found', 'failed', 'beyond-limit', 'not-searched'] as const

const addLater = Type.Integer({
  description:
    'New addresses that are not known yet, at least this many; `egressIps` says when each is known.',
})

const AllowListCoverageSchema = Type.Object({
  complete: Type.Boolean({
    description:
      'True only when every list was read that the identity of this service may see; Resource Graph leaves out the rest without a word.',
  }),
  searched: Type.Array(Type.Object({ type: string('ARM resource type.'), resources: Type.Integer() }), {
    description: 'How many resources of each type were found, zeros too.',
  }),
  unread: Type.Array(
    Type.Object({
      type: enumOf(ALLOW_LIST_TYPE_NAMES),
      what: string('The resource or the type.'),
      reason: enumOf(UNREAD_REASONS),
      code: string(),
      message: string(),
    }),
    { description: 'Where an address may stand and was not looked for.' },
  ),
})
export type AllowListCoverage = Static<typeof AllowListCoverageSchema>
export type AllowListUnread = AllowListCoverage['unread'][number]

/** One entry of one rule that names an address of the cluster that the change removes. */
export const AllowListImpactSchema = Type.Object(
  {
    resourceId: string(),
    type: string('ARM resource type.'),
    place: string("JSON pointer into the resource's body, or into the child resource that it starts with."),
    rule: nullable(Type.String(), { description: 'Null where entries have no rule with a name.' }),
    entry: string('As it stands in the list.'),
    effect: enumOf(RULE_EFFECTS, {
      description: '`other`: it logs, counts, challenges, or is only a group.',
    }),
    inForce: Type.Boolean({ description: 'Whether the resource applies its list at present.' }),
    covers: Type.Array(Type.Object({ address: string(), change: enumOf(['lost', 'unknown']) }), {
      description:
        "The cluster's addresses that the entry names; `unknown`: AKS chooses whether it keeps them.",
    }),
    // Also empty where no packet leaves by the addresses that the entry names.
    add: strings('New addresses that no entry of this list names yet; none for a rule that denies.'),
    addLater,
    // An entry that names others too is left to its owner.
    removeLater: strings('The entry, where nobody but the cluster can be behind it.'),
  },
  { $id: 'AllowListImpact' },
)
export type AllowListImpact = Static<typeof AllowListImpactSchema>
export type LostAddress = AllowListImpact['covers'][number]

/** A partner outside Azure that the request named, with the changes of its allow list. */
export const ConsumerSchema = Type.Object(
  {
    name: string(),
    contact: nullable(Type.String()),
    note: nullable(Type.String()),
    addresses: strings('What they have allow-listed, as the request said it.'),
    drop: strings(
      "What they have to drop after the change: of their entries, or of the cluster's addresses.",
    ),
    add: strings('What they have to add before it.'),
    addLater,
  },
  { $id: 'Consumer' },
)
export type Consumer = Static<typeof ConsumerSchema>

/** Allow lists of others that name addresses which the cluster loses. A prefix is shown as its CIDR. */
export const AllowListsPlanSchema = Type.Object(
  {
    coverage: AllowListCoverageSchema,
    impacts: Type.Array(ref(AllowListImpactSchema), {
      description: 'Entries of other Azure resources that name an address which goes.',
    }),
    consumers: Type.Array(ref(ConsumerSchema), { description: 'Those that the request named.' }),
  },
  { $id: 'AllowListsPlan', description: 'Who else knows the addresses that go.' },
)
export type AllowListsPlan = Static<typeof AllowListsPlanSchema>
