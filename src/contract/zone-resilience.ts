import { type Static, Type } from 'typebox'
import { enumOf, ref, string, strings } from './fields.ts'

const ZONE_KINDS = ['zoneRedundant', 'zonal', 'noEgress', 'unknown'] as const

/** The effect of a zone outage on the egress before or after the change. */
export const ZoneSideSchema = Type.Object(
  {
    kind: enumOf(ZONE_KINDS, { description: '`zonal`: the loss of one zone stops all egress.' }),
    zones: strings('The zones that the egress depends on, if they are known.'),
    because: string(),
  },
  { $id: 'ZoneSide' },
)
export type ZoneSide = Static<typeof ZoneSideSchema>

/** If the agent pools span fewer than two zones, zonal egress is no disadvantage. */
export const ZoneResilienceSchema = Type.Object(
  {
    poolZones: strings('The zones that the agent pools span.'),
    before: ref(ZoneSideSchema),
    after: ref(ZoneSideSchema),
  },
  { $id: 'ZoneResilience' },
)
export type ZoneResilience = Static<typeof ZoneResilienceSchema>
