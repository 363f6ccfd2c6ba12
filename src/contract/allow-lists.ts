import { Type } from 'typebox'

import { enumOf, NO_CONTROL_CHARACTERS, nullable, ref, string, strings } from './fields.ts'

/** Every type whose allow-lists are searched, as ARM's documentation spells it (rulebook ALLOWLIST_SCAN). */
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
/** What a rule does with a client that it names; `other` are rules that only log, count or challenge. */
export const RULE_EFFECTS = ['allow', 'deny', 'other'] as const
export type RuleEffect = (typeof RULE_EFFECTS)[number]
export const UNREAD_REASONS = ['denied', 'not-found', 'failed', 'beyond-limit', 'not-searched'] as const
export type AllowListUnreadReason = (typeof UNREAD_REASONS)[number]

/**
 * Who elsewhere still knows addresses that the cluster loses. Wherever addresses stand, a prefix of the
 * cluster's stands as its CIDR.
 */
export interface AllowListsPlan {
  coverage: AllowListCoverage
  impacts: AllowListImpact[]
  consumers: Consumer[]
}

/**
 * What was searched. `complete` speaks of what the service's identity may see: Resource Graph leaves out what
 * it may not read without a word.
 */
export interface AllowListCoverage {
  complete: boolean
  searched: { type: string; resources: number }[]
  unread: AllowListUnread[]
}

/** One entry of one rule that names an address of ours which goes. */
export interface AllowListImpact {
  resourceId: string
  type: string
  /** JSON pointer into the resource's body, or into the child resource whose path it starts with. */
  place: string
  rule: string | null
  entry: string
  effect: RuleEffect
  /** False where the resource does not apply its list at present. */
  inForce: boolean
  /** Those of our addresses that the entry names, wholly or in part. */
  covers: LostAddress[]
  /** New addresses that no entry of this list names yet. Empty for a rule that denies, and where nothing leaves by what it names. */
  add: string[]
  /** New addresses that are not known yet; the ledger says when each is. */
  addLater: number
  /** The entry, where nobody but the cluster can be behind it; an entry that names others too is left to its owner. */
  removeLater: string[]
}

export interface LostAddress {
  address: string
  /** `unknown`: AKS chooses whether it stays. */
  change: 'lost' | 'unknown'
}

/** Someone outside Azure who has allow-listed the cluster, as the request named them. */
export interface Consumer {
  name: string
  contact: string | null
  note: string | null
  /** What they have allow-listed, as the request said it; empty where it did not. */
  addresses: string[]
  /** Of these, or of ours where they named none: what they have to drop after the change. */
  drop: string[]
  add: string[]
  addLater: number
}

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
    add: strings('New addresses that no entry of this list names yet; none for a rule that denies.'),
    addLater,
    removeLater: strings('The entry, where nobody but the cluster can be behind it.'),
  },
  { $id: 'AllowListImpact' },
)

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

export const MAX_CONSUMERS = 50

/** An address has 39 characters at most, with a prefix length four more. */
const ADDRESS_LENGTH = 43

export const ConsumerRequestSchema = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      pattern: NO_CONTROL_CHARACTERS,
      description: 'Who it is, such as a partner or a system; each name once.',
    }),
    contact: Type.Optional(
      Type.String({
        maxLength: 200,
        pattern: NO_CONTROL_CHARACTERS,
        description: 'How to reach them; kept with the plan.',
      }),
    ),
    note: Type.Optional(
      Type.String({
        maxLength: 500,
        pattern: NO_CONTROL_CHARACTERS,
        description: 'Free text without control characters.',
      }),
    ),
    addresses: Type.Optional(
      Type.Array(
        Type.String({ minLength: 1, maxLength: ADDRESS_LENGTH, description: 'An address or a CIDR.' }),
        {
          maxItems: 200,
          uniqueItems: true,
          description:
            "What they have allow-listed. Left out: they are told all of the cluster's addresses that go.",
        },
      ),
    ),
  },
  { additionalProperties: false, $id: 'ConsumerRequest' },
)

/** Where an address may stand and nobody has looked. */
export interface AllowListUnread {
  /** The type whose lists were not read. */
  type: AllowListType
  /** The resource, the kind of list or the type. */
  what: string
  reason: AllowListUnreadReason
  /** ARM's own, or the service's where ARM was not asked. */
  code: string
  message: string
}
