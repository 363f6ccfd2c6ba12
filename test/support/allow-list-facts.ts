import type { AllowListEntry, AllowListFacts, AllowListResource } from '../../src/core/allow-lists/facts.ts'
import { ALLOW_LIST_TYPE_NAMES } from '../../src/core/allow-lists/types.ts'
import type { Surroundings } from '../../src/core/surroundings.ts'
import { GROUP } from './a-cluster.ts'
import { withRights } from './rights.ts'

export const STORAGE = `${GROUP}/providers/Microsoft.Storage/storageAccounts/orders`

/** An entry of a storage account's rules, and what the test says is different. */
export function anEntry(text: string, given: Partial<AllowListEntry> = {}): AllowListEntry {
  return {
    place: '/properties/networkAcls/ipRules/0',
    rule: null,
    text,
    block: { cidr: text },
    effect: 'allow',
    inForce: true,
    ...given,
  }
}

/** A storage account with these entries, one after the other, and what the test says is different. */
export function aList(
  texts: (string | AllowListEntry)[],
  given: Partial<AllowListResource> = {},
): AllowListResource {
  const entries = texts.map((each, index) =>
    typeof each === 'string' ? anEntry(each, { place: `/properties/networkAcls/ipRules/${index}` }) : each,
  )
  return { id: STORAGE, type: 'Microsoft.Storage/storageAccounts', entries, ...given }
}

/** Surroundings in which everything was read, with these lists. */
export function listsAround(
  resources: AllowListResource[] = [],
  given: Partial<AllowListFacts> = {},
): Surroundings {
  const searched = ALLOW_LIST_TYPE_NAMES.map((type) => ({
    type,
    resources: resources.filter((each) => each.type === type).length,
  }))
  return { ...withRights(), allowLists: { resources, searched, unread: [], ...given } }
}
