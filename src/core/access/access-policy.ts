import type { ClusterRef } from '../../contract/cluster.ts'
import type { Action } from '../../contract/me.ts'
import type { ClusterPattern } from '../../contract/webhook.ts'
import { clusterId, idKey } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { matchesWildcard } from '../lib/wildcard.ts'
import type { PlanningRequest, ResourceGroupPattern } from '../request/plan-request.ts'

/** The clusters on which a caller may perform one action; an empty list means no cluster. */
export type ClusterScope = 'everything' | readonly ClusterPattern[]

/** A cluster as stores key it: its ARM id in lower case. */
export function clusterKey(cluster: ClusterRef): string {
  return idKey(clusterId(cluster))
}

export function inScope(reach: ClusterScope, key: string): boolean {
  return reach === 'everything' || reach.some((pattern) => matches(pattern, key))
}

/** Each name is compared separately, because a `*` does not extend into the next name. */
function matches(pattern: ClusterPattern, key: string): boolean {
  const patterns = patternKey(pattern).split('/')
  const names = key.split('/')
  return (
    patterns.length === names.length &&
    patterns.every((name, index) => matchesWildcard(name, names[index] ?? ''))
  )
}

/** The pattern as a key in which `*` still matches any letters. */
export function patternKey({ subscriptionId, resourceGroup, clusterName }: ClusterPattern): string {
  return clusterKey({ subscriptionId, resourceGroup, name: clusterName })
}

/** One member of `to`: a user or service principal by object id, an application by client id, or a group. */
export type Principal = { oid: string } | { appId: string } | { groupId: string }

interface Grant {
  to: readonly Principal[]
  actions: readonly Action[]
  on: readonly ClusterPattern[]
  /** Resource groups in which plans for these clusters may create resources, besides those of cluster and network. */
  prepareIn?: readonly ResourceGroupPattern[]
}

/** Who may do what, where. All of it only adds: what no grant names is denied. */
export interface AccessPolicy {
  grants: readonly Grant[]
  /** On these clusters a job needs the approval of a second person. */
  approvals: readonly { on: readonly ClusterPattern[]; requireApproval: boolean }[]
}

/** The attributes of a caller that a policy compares. */
export interface Principals {
  /** Object id of the user or service principal. */
  id: string
  /**
   * Client id of an application that calls for itself; null when it calls for a user, because what an
   * application may do is not what everybody may do who uses it.
   */
  appId: string | null
  groups: readonly string[]
}

/**
 * Planning, executing and approving each include reading, because they need the plan. Auditing does not: it concerns
 * people, not clusters.
 */
const INCLUDES: Readonly<Record<Action, readonly Action[]>> = {
  read: ['read', 'plan', 'execute', 'approve'],
  plan: ['plan'],
  execute: ['execute'],
  approve: ['approve'],
  audit: ['audit'],
}

/** The clusters on which the policy lets these principals do something; without a policy all of them. */
export function clusterScopeOf(policy: AccessPolicy | null, who: Principals, action: Action): ClusterScope {
  if (policy === null) return 'everything'
  return grantsOf(policy, who, action).flatMap(({ on }) => on)
}

/** The resource groups in which these principals may have a plan for this cluster create resources. */
export function preparationGroupsOf(
  policy: AccessPolicy | null,
  who: Principals,
  cluster: ClusterRef,
): NonNullable<PlanningRequest['preparationGroups']> {
  if (policy === null) return 'everything'
  const key = clusterKey(cluster)
  return grantsOf(policy, who, 'plan').flatMap(({ on, prepareIn = [] }) =>
    inScope(on, key) ? prepareIn : [],
  )
}

function grantsOf({ grants }: AccessPolicy, who: Principals, action: Action): Grant[] {
  return grants.filter(
    ({ to, actions }) => to.some((principal) => isOf(principal, who)) && includes(actions, action),
  )
}

/** The clusters on which a job needs the approval of a second person. */
export function approvalScopeOf(policy: AccessPolicy | null): ClusterScope {
  return policy?.approvals.filter(({ requireApproval }) => requireApproval).flatMap(({ on }) => on) ?? []
}

export function requiresApproval(policy: AccessPolicy | null, key: string): boolean {
  return inScope(approvalScopeOf(policy), key)
}

/** Whether a caller's groups matter at all. */
export function usesGroups(policy: AccessPolicy | null): boolean {
  return policy?.grants.some(({ to }) => to.some((principal) => 'groupId' in principal)) ?? false
}

function includes(actions: readonly Action[], action: Action): boolean {
  return INCLUDES[action].some((item) => actions.includes(item))
}

function isOf(principal: Principal, { id, appId, groups }: Principals): boolean {
  if ('oid' in principal) return equalsArm(principal.oid, id)
  if ('appId' in principal) return appId !== null && equalsArm(principal.appId, appId)
  return groups.some((group) => equalsArm(principal.groupId, group))
}

/** The owner of a webhook, for the access policy: messages that the owner may no longer read are not sent. */
export type Owner = Principals
