import type { AllowListEntry } from '../../core/allow-lists/facts.ts'
import type { BodyReader } from '../body-reader.ts'
import { entriesOf } from './entries.ts'

/** `authorizedIPRanges` of a cluster's API server; clusters that are reached privately have none (rulebook AR, PC). */
export function managedClusterEntries(row: BodyReader): AllowListEntry[] {
  const place = '/properties/apiServerAccessProfile/authorizedIPRanges'
  return entriesOf(row.texts('authorizedIPRanges'), { place, effect: 'allow' })
}
