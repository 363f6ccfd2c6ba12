import { nameOf } from '../resource-id.ts'
import { entry, listed } from './entry.ts'

/** How many names a sentence carries; the facts carry all. */
const NAMED = 5

/** Who elsewhere knows the cluster's addresses. Source: rulebook 6, ALLOWLIST_SCAN and EXTERNAL_ALLOWLISTS. */
export const ALLOW_LIST_FINDINGS = {
  ALLOWLIST_NAMES_LOST_ADDRESS: entry<{
    entries: { resourceId: string; place: string; entry: string }[]
    add: string[]
  }>({
    severity: 'warning',
    message: (f) =>
      `Rules of other Azure resources name addresses that the cluster loses or may lose: ${some(resourceNames(f.entries))}.`,
    remedy: (f) =>
      `${f.add.length === 0 ? 'Add the new addresses as soon as they are known, where allowLists says so' : `Add ${some(f.add)} where allowLists says so, before the change`}, and take the old entries out after it.`,
    confidence: 'inferred',
    source: 'EO; Azure Resource Graph, read by this service',
  }),
  ALLOWLIST_SCAN_INCOMPLETE: entry<{ types: string[] }>({
    severity: 'warning',
    message: (f) =>
      `Not every allow-list could be searched for addresses that the cluster loses; those of ${some(f.types)} may name them unseen.`,
    remedy: () =>
      'Read in allowLists.coverage what is missing and why; give the planning identity Reader rights there, or look yourself.',
    confidence: 'documented',
    source: 'Azure Resource Graph, read by this service; ARG1',
  }),
  ALLOWLIST_PARTS_NOT_SEARCHED: entry<{ types: string[] }>({
    severity: 'info',
    message: (f) => `A part of the allow-lists of ${some(f.types)} is never searched by a plan.`,
    remedy: () => 'Read in allowLists.coverage which part it is, and look there yourself.',
    confidence: 'documented',
    source: 'this service',
  }),
  CONSUMERS_TO_TELL: entry<{ names: string[] }>({
    severity: 'info',
    message: (f) => `These consumers know addresses that the cluster loses or may lose: ${some(f.names)}.`,
    remedy: () =>
      'Tell each what allowLists.consumers says: what to add before the change, what to drop after it.',
    confidence: 'documented',
    source: 'EO',
  }),
}

function resourceNames(entries: { resourceId: string }[]): string[] {
  return [...new Set(entries.map(({ resourceId }) => resourceId))].map(nameOf)
}

function some(names: string[]): string {
  if (names.length <= NAMED) return listed(names)
  return `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`
}
