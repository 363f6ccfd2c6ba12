import { Type } from 'typebox'
import { ADDRESS_ADVICE } from '../../reports/ip-changes-report.ts'
import { id, nullable, ref, text, words } from './plain.ts'
import { AZURE_MODES } from './plan.ts'
import { ClusterRefSchema, EgressIpChangeSchema } from './plan-parts.ts'

export const IpChangeSchema = Type.Object(
  {
    ...EgressIpChangeSchema.properties,
    cidr: nullable(text(), { description: 'The address with its prefix length; null when not known yet.' }),
    advice: words(ADDRESS_ADVICE, {
      description:
        'What to do on a firewall. `allowBefore` and `removeAfter`: before and after the change. `allowWhenKnown`: the address does not exist yet. `checkAfter`: nobody can say before.',
    }),
  },
  { $id: 'IpChange' },
)

export const IpChangesSchema = Type.Object(
  {
    planId: id('The plan.'),
    azure: words(AZURE_MODES, { description: 'Whether these are addresses of real clusters.' }),
    cluster: ref(ClusterRefSchema),
    items: Type.Array(ref(IpChangeSchema)),
  },
  { $id: 'IpChanges' },
)
