import { Type } from 'typebox'
import { RULE_EFFECTS, UNREAD_REASONS } from '../../core/allow-lists/facts.ts'
import { ALLOW_LIST_TYPE_NAMES } from '../../core/allow-lists/types.ts'
import { nullable, ref, text, texts, words } from './plain.ts'

const addLater = Type.Integer({
  description:
    'New addresses that are not known yet, at least this many; `egressIps` says when each is known.',
})

const AllowListCoverageSchema = Type.Object({
  complete: Type.Boolean({
    description:
      'True only when every list was read that the identity of this service may see; Resource Graph leaves out the rest without a word.',
  }),
  searched: Type.Array(Type.Object({ type: text('ARM resource type.'), resources: Type.Integer() }), {
    description: 'How many resources of each type were found, zeros too.',
  }),
  unread: Type.Array(
    Type.Object({
      type: words(ALLOW_LIST_TYPE_NAMES),
      what: text('The resource or the type.'),
      reason: words(UNREAD_REASONS),
      code: text(),
      message: text(),
    }),
    { description: 'Where an address may stand and was not looked for.' },
  ),
})

export const AllowListImpactSchema = Type.Object(
  {
    resourceId: text(),
    type: text('ARM resource type.'),
    place: text("JSON pointer into the resource's body, or into the child resource that it starts with."),
    rule: nullable(Type.String(), { description: 'Null where entries have no rule with a name.' }),
    entry: text('As it stands in the list.'),
    effect: words(RULE_EFFECTS, { description: '`other`: it logs, counts, challenges, or is only a group.' }),
    inForce: Type.Boolean({ description: 'Whether the resource applies its list at present.' }),
    covers: Type.Array(Type.Object({ address: text(), change: words(['lost', 'unknown']) }), {
      description:
        "The cluster's addresses that the entry names; `unknown`: AKS chooses whether it keeps them.",
    }),
    add: texts('New addresses that no entry of this list names yet; none for a rule that denies.'),
    addLater,
    removeLater: texts('The entry, where nobody but the cluster can be behind it.'),
  },
  { $id: 'AllowListImpact' },
)

export const ConsumerSchema = Type.Object(
  {
    name: text(),
    contact: nullable(Type.String()),
    note: nullable(Type.String()),
    addresses: texts('What they have allow-listed, as the request said it.'),
    drop: texts("What they have to drop after the change: of their entries, or of the cluster's addresses."),
    add: texts('What they have to add before it.'),
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
