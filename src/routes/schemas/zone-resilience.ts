import { Type } from 'typebox'
import { ZONE_KINDS } from '../../core/plan-egress.ts'
import { ref, text, texts, words } from './plain.ts'

export const ZoneSideSchema = Type.Object(
  {
    kind: words(ZONE_KINDS, { description: '`zonal`: the loss of one zone takes all egress.' }),
    zones: texts('The zones that it is tied to, where they are known.'),
    because: text(),
  },
  { $id: 'ZoneSide' },
)

/** Tied to the core's type in test/routes/contract-types.test.ts. */
export const ZoneResilienceSchema = Type.Object(
  {
    poolZones: texts('The zones that the agent pools span.'),
    before: ref(ZoneSideSchema),
    after: ref(ZoneSideSchema),
  },
  { $id: 'ZoneResilience' },
)
