import type { AllowListEntry } from '../../core/allow-lists/facts.ts'
import type { BodyReader } from '../body-reader.ts'
import { entriesOf } from './entries.ts'

/** `ipAddresses` of an IP group. What names it decides what they mean, so the effect is `other`. */
export function ipGroupEntries(row: BodyReader): AllowListEntry[] {
  return entriesOf(row.texts('ipAddresses'), { place: '/properties/ipAddresses', effect: 'other' })
}
