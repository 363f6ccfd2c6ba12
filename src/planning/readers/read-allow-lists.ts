import type { AllowListSearch, Arm, CallOptions, ChildListsRef } from '../../azure/arm.ts'
import { ArmFault } from '../../azure/errors/arm-fault.ts'
import type { AllowListType, AllowListUnread } from '../../contract/allow-lists.ts'
import { ALLOW_LIST_TYPE_NAMES } from '../../contract/allow-lists.ts'
import { clusterId, idKey } from '../../core/arm/resource-id.ts'
import type { AllowListFacts, AllowListResource } from '../../core/snapshot/allow-list-facts.ts'
import type { ReadContext } from './read-context.ts'

/**
 * The most resources whose lists are read one by one: each costs a read of a bucket that fills up again by 25
 * a second (rulebook 12), and all of them go out at once so that they take one round trip.
 */
export const MAX_CHILD_READS = 100

/**
 * Reads the allow-lists of everything that the service may see, in two round trips: Resource Graph, beside the
 * cluster itself, then what it does not show. Never rejects with an `ArmFault`: what could not be read is said.
 */
export async function readAllowLists({ arm, options, ref }: ReadContext): Promise<AllowListFacts> {
  let search: AllowListSearch
  try {
    search = await arm.findAllowLists(options)
  } catch (error) {
    return {
      resources: [],
      searched: [],
      unread: ALLOW_LIST_TYPE_NAMES.map((type) => toAllowListUnread(type, type, error)),
    }
  }
  const below = nearestFirst(search.childLists, ref.subscriptionId)
  const read = await Promise.all(
    below.slice(0, MAX_CHILD_READS).map((each) => readChildList(arm, options, each)),
  )
  return {
    resources: [...search.resources, ...read.flatMap(({ resource }) => resource ?? [])],
    searched: search.searched,
    unread: [
      ...search.unread,
      ...read.flatMap(({ unread }) => unread ?? []),
      ...unreadBeyondLimit(below.slice(MAX_CHILD_READS)),
      ...unreadBeyondPages(search),
      ...unreadWithoutCluster(search, clusterId(ref)),
      ...unreadInnerPolicies(search),
    ],
  }
}

async function readChildList(
  arm: Arm,
  options: CallOptions,
  below: ChildListsRef,
): Promise<{ resource?: AllowListResource | null; unread?: AllowListUnread }> {
  try {
    return { resource: await arm.readChildLists(below, options) }
  } catch (error) {
    return { unread: toAllowListUnread(below.type, below.id, error) }
  }
}

/** The cluster's own subscription is the likeliest to know its addresses. */
function nearestFirst(below: ChildListsRef[], subscriptionId: string): ChildListsRef[] {
  const own = `/subscriptions/${subscriptionId}/`.toLowerCase()
  const isNear = ({ id }: ChildListsRef) => idKey(id).startsWith(own)
  return [...below.filter(isNear), ...below.filter((each) => !isNear(each))]
}

function toAllowListUnread(type: AllowListType, what: string, error: unknown): AllowListUnread {
  if (!(error instanceof ArmFault)) throw error
  const reason = error.kind === 'denied' ? 'denied' : error.kind === 'not-found' ? 'not-found' : 'failed'
  return { type, what, reason, code: error.code, message: error.message }
}

function unreadBeyondLimit(below: ChildListsRef[]): AllowListUnread[] {
  return [...Map.groupBy(below, ({ type }) => type)].map(([type, left]) => ({
    type,
    what: type,
    reason: 'beyond-limit' as const,
    code: 'TOO_MANY_RESOURCES',
    message: `A plan reads the lists of at most ${MAX_CHILD_READS} resources one by one; ${left.length} of this type ${left.length === 1 ? 'is' : 'are'} left, such as ${left[0]?.id}.`,
  }))
}

/** Which resources are on the pages that were not fetched, nobody knows, so every type may be among them. */
function unreadBeyondPages({ omittedRows: beyond }: AllowListSearch): AllowListUnread[] {
  if (beyond === 0) return []
  return ALLOW_LIST_TYPE_NAMES.map((type) => ({
    type,
    what: type,
    reason: 'beyond-limit' as const,
    code: 'TOO_MANY_ROWS',
    message: `Resource Graph has ${beyond} more resources than a plan fetches; any of them may be of this type.`,
  }))
}

/** The cluster was read by its id: where Resource Graph does not show it, it hides other things as well. */
function unreadWithoutCluster({ ids, omittedRows: beyond }: AllowListSearch, own: string): AllowListUnread[] {
  if (beyond > 0 || ids.some((id) => idKey(id) === idKey(own))) return []
  return ALLOW_LIST_TYPE_NAMES.map((type) => ({
    type,
    what: type,
    reason: 'not-found' as const,
    code: 'CLUSTER_NOT_IN_RESOURCE_GRAPH',
    message:
      'Resource Graph does not show the cluster itself, so it does not show all of its subscription: the service may lack the right to read it, or the cluster is new.',
  }))
}

/** The policies of single APIs, products and operations are one GET each, and there can be thousands. */
function unreadInnerPolicies({ childLists: below }: AllowListSearch): AllowListUnread[] {
  return below
    .filter(({ type }) => type === 'Microsoft.ApiManagement/service')
    .map(({ id, type }) => ({
      type,
      what: id,
      reason: 'not-searched' as const,
      code: 'INNER_POLICIES_NOT_SEARCHED',
      message:
        'Only the policy of the whole service was read; those of its workspaces, products, APIs and operations, and its named values, were not.',
    }))
}
