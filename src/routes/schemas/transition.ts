import { Type } from 'typebox'
import { TYPE_KEYS, VNET_KINDS } from '../../core/outbound-type.ts'
import { SUPPORTS } from '../../core/plan.ts'
import { text, words } from './plain.ts'

export const TransitionSchema = Type.Object(
  {
    vnet: words(VNET_KINDS),
    from: words(TYPE_KEYS),
    to: words(TYPE_KEYS),
    support: words(SUPPORTS, {
      description: '`disputed`: the editions disagree; executed only when the caller acknowledges it.',
    }),
    editions: Type.Array(
      Type.Object({
        edition: text('The date of the published table.'),
        verdict: words(['Supported', 'Not Supported', 'N/A', 'absent'], {
          description: '`absent`: the table lacks the row or the column.',
        }),
      }),
    ),
    reversible: Type.Boolean({ description: 'Whether the way back is supported, undisputed.' }),
    reason: text(),
  },
  { $id: 'Transition' },
)
