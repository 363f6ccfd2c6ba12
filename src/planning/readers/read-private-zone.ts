import { privateZoneId } from '../../core/endpoints/name-resolution.ts'
import type { Surroundings } from '../../core/snapshot/snapshot.ts'
import { type ReadContext, tryRead } from './read-context.ts'

/** The virtual networks that the private DNS zone of a private cluster is linked to; null for other clusters. */
export async function readPrivateZoneLinks(
  context: ReadContext,
): Promise<NonNullable<Surroundings['privateZoneLinks']> | null> {
  const id = privateZoneId(await context.cluster)
  if (id === null) return null
  return tryRead(`virtual network links of ${id}`, () =>
    context.arm.listPrivateZoneLinks(id, context.options),
  )
}
