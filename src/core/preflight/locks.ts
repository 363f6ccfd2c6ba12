import type { ResourceChange } from '../plan.ts'
import type { LockCheck } from '../plan-preflight.ts'
import { TYPES } from '../resource-changes/change.ts'
import { nodeGroupId } from '../resource-id.ts'
import type { LockFacts, RightsFacts } from '../rights-facts.ts'
import type { ClusterFacts } from '../snapshot.ts'
import { covers } from './scopes.ts'

/** What each lock on or around the touched resources means for these changes; those that lie elsewhere are left out. */
export function lockChecks(
  changes: ResourceChange[],
  rights: RightsFacts | null,
  cluster: ClusterFacts,
): LockCheck[] {
  const locks = rights?.locks
  if (locks === undefined || 'unread' in locks) return []
  return locks.facts.flatMap((lock) => lockCheck(lock, changes, nodeGroupId(cluster)) ?? [])
}

function lockCheck(lock: LockFacts, changes: ResourceChange[], nodeGroup: string): LockCheck | null {
  const touched = changes.filter(
    (change) => change.action !== 'retain' && covers(lock.scope, change.id ?? nodeGroup),
  )
  const isReadOnly = lock.level.toLowerCase() === 'readonly'
  const stopped = isReadOnly ? touched : touched.filter(({ action }) => action === 'delete')
  const isOnNodeGroup = covers(lock.scope, nodeGroup) || covers(nodeGroup, lock.scope)
  const made = (effect: LockCheck['effect'], because: string): LockCheck => ({ ...lock, effect, because })
  if (stopped.length > 0) {
    const list = [...new Set(stopped.map(inWords))].join('; ')
    return made('blocks', `The plan would ${list}.`)
  }
  // Every write of the cluster is an operation of AKS's, also one that only touches the ranges.
  const isOfAks = ({ owner, action, type }: ResourceChange) =>
    (owner === 'aks' && action !== 'retain') || type === TYPES.cluster
  if (isOnNodeGroup && changes.some(isOfAks))
    return made('mayBlock', 'AKS is known to refuse operations while anything in the node group is locked.')
  return touched.length > 0 ? made('none', 'The plan deletes nothing under this lock.') : null
}

function inWords({ action, type, name, count }: ResourceChange): string {
  const kind = type.split('/').at(-1) ?? type
  return name === null ? `${action} ${count} of ${kind}` : `${action} ${kind} ${name}`
}
