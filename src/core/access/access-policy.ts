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

/** The pattern as a key in which `*` matches any characters. */
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

/** The permissions of principals on clusters. The policy is additive: actions that no grant names are denied. */
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
   * The client ID of an application that calls on its own behalf. Null if it calls for a user, because the permissions
   * of an application must not apply to all its users.
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

/** The clusters on which the policy allows an action to these principals; all clusters without a policy. */
export function clusterScopeOf(policy: AccessPolicy | null, who: Principals, action: Action): ClusterScope {
  if (policy === null) return 'everything'
  return grantsOf(policy, who, action).flatMap(({ on }) => on)
}

/** The resource groups in which a plan of these principals for this cluster may create resources. */
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

/** Whether the policy contains groups. */
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
