import type { AllowListSearch, ChildListsRef } from '../../azure/arm.ts'
import type { AllowListUnread } from '../../contract/allow-lists.ts'
import { ALLOW_LIST_TYPE_NAMES } from '../../contract/allow-lists.ts'
import { clusterId, idKey } from '../../core/arm/resource-id.ts'
import type { AllowListFacts } from '../../core/snapshot/allow-list-facts.ts'
import { type ReadContext, tryRead } from './read-context.ts'

/**
 * The maximum number of resources whose lists are read one by one. Each costs a read of a bucket that refills by 25
 * per second (ARM's throttling limits). All of them are sent at the same time, so that they take one round trip.
 */
export const MAX_CHILD_READS = 100

/**
 * Reads the allow lists of everything that the service may see, in two round trips: Resource Graph in parallel with
 * the cluster, then what it does not show. Never rejects with an `ArmFault`: unread lists are reported.
 */
export async function readAllowLists({ arm, options, ref }: ReadContext): Promise<AllowListFacts> {
  const found = await tryRead('', () => arm.findAllowLists(options))
  if ('unread' in found) return { resources: [], searched: [], unread: unreadOfEveryType(found.unread) }
  const search = found.facts
  const lists = nearestFirst(search.childLists, ref.subscriptionId)
  const reads = await Promise.all(
    lists.slice(0, MAX_CHILD_READS).map(async (list) => ({
      type: list.type,
      ...(await tryRead(list.id, () => arm.readChildLists(list, options))),
    })),
  )
  return {
    resources: [...search.resources, ...reads.flatMap((read) => ('facts' in read ? (read.facts ?? []) : []))],
    searched: search.searched,
    unread: [
      ...search.unread,
      ...reads.flatMap((read) => ('unread' in read ? [{ type: read.type, ...read.unread }] : [])),
      ...unreadBeyondLimit(lists.slice(MAX_CHILD_READS)),
      ...unreadBeyondPages(search),
      ...unreadWithoutCluster(search, clusterId(ref)),
      ...unreadInnerPolicies(search),
    ],
  }
}

/** The cluster's own subscription is the likeliest to know its addresses. */
function nearestFirst(lists: ChildListsRef[], subscriptionId: string): ChildListsRef[] {
  const near = idKey(`/subscriptions/${subscriptionId}/`)
  const isNear = ({ id }: ChildListsRef) => idKey(id).startsWith(near)
  return [...lists.filter(isNear), ...lists.filter((list) => !isNear(list))]
}

type Reason = Pick<AllowListUnread, 'reason' | 'code' | 'message'>

function unreadOfEveryType({ reason, code, message }: Reason): AllowListUnread[] {
  return ALLOW_LIST_TYPE_NAMES.map((type) => ({ type, what: type, reason, code, message }))
}

function unreadBeyondLimit(lists: ChildListsRef[]): AllowListUnread[] {
  return [...Map.groupBy(lists, ({ type }) => type)].map(([type, left]) => ({
    type,
    what: type,
    reason: 'beyond-limit' as const,
    code: 'TOO_MANY_RESOURCES',
    message: `A plan reads the lists of at most ${MAX_CHILD_READS} resources one by one; ${left.length} of this type ${left.length === 1 ? 'was' : 'were'} not read, such as ${left[0]?.id}.`,
  }))
}

/** Which resources are on the pages that were not fetched is unknown, so every type may be among them. */
function unreadBeyondPages({ omittedRows }: AllowListSearch): AllowListUnread[] {
  if (omittedRows === 0) return []
  return unreadOfEveryType({
    reason: 'beyond-limit',
    code: 'TOO_MANY_ROWS',
    message: `Resource Graph has ${omittedRows} more resources than a plan fetches; any of them may be of this type.`,
  })
}

/** The cluster was read by its id: where Resource Graph does not show it, it hides other things as well. */
function unreadWithoutCluster({ ids, omittedRows }: AllowListSearch, own: string): AllowListUnread[] {
  if (omittedRows > 0 || ids.some((id) => idKey(id) === idKey(own))) return []
  return unreadOfEveryType({
    reason: 'not-found',
    code: 'CLUSTER_NOT_IN_RESOURCE_GRAPH',
    message:
      'Resource Graph does not show the cluster itself, so its data about the subscription is incomplete: the service may lack the permission to read the subscription, or the cluster is new.',
  })
}

/** The policies of single APIs, products and operations are one GET each, and there can be thousands. */
function unreadInnerPolicies({ childLists }: AllowListSearch): AllowListUnread[] {
  return childLists
    .filter(({ type }) => type === 'Microsoft.ApiManagement/service')
    .map(({ id, type }) => ({
      type,
      what: id,
      reason: 'not-searched' as const,
      code: 'INNER_POLICIES_NOT_SEARCHED',
      message:
        'Only the global policy of the API Management service was read. The named values of the service, and the policies of its workspaces, products, APIs and operations, were not read.',
    }))
}
