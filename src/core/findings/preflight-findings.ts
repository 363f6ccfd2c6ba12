import type { Principal } from '../plan-preflight.ts'
import { nameOf } from '../resource-id.ts'
import { entry, listed } from './entry.ts'

/** Rights, locks, policies and quota around the cluster. Source: rulebook 2, 8 and 12; needs N13. */
export const PREFLIGHT_FINDINGS = {
  PERM_MISSING: entry<{
    who: Principal
    principalIds: string[]
    scope: string
    actions: string[]
    isEssential: boolean
  }>({
    severity: 'blocker',
    milder: (f) => (f.isEssential ? null : 'warning'),
    message: (f) =>
      `${principal(f.who, f.principalIds)} lacks ${listed(f.actions)} on ${f.scope}.${
        f.isEssential ? '' : ' It is documented as needed, and changes are known to succeed without it.'
      }`,
    remedy: (f) =>
      `Give ${f.who === 'caller' ? 'it' : 'the identity'} a role with ${listed(f.actions)} there (${roleFor(f.actions)} has it), and plan again.`,
    confidence: 'documented',
    source: 'PERM; LinkedAuthorizationFailed; Azure/AKS issue 1945',
  }),
  PERM_NOT_CHECKED: entry<{ checks: { who: Principal; scope: string; action: string; because: string }[] }>({
    severity: 'info',
    message: (f) =>
      `${f.checks.length} permission${f.checks.length === 1 ? '' : 's'} that the plan needs could not be checked: ${listed(distinct(f.checks.map((each) => `${each.action} (${each.who === 'caller' ? 'this service' : 'the cluster'})`)))}.`,
    remedy: () =>
      'Let this service read role assignments, role definitions and permissions (Reader does), or check them by hand; the plan lists each under preflight.',
    confidence: 'documented',
    source: 'PERM; this service',
  }),
  PERM_PROPAGATION: entry<{ roles: { roleName: string; scope: string; createdOn: string }[] }>({
    severity: 'warning',
    message: (f) =>
      `Rights of the cluster's identity are less than 60 minutes old and may not have spread yet: ${listed(f.roles.map(({ roleName, scope, createdOn }) => `${roleName} on ${nameOf(scope)} since ${createdOn}`))}.`,
    remedy: () => 'Wait until 60 minutes have passed since the role was given.',
    confidence: 'documented',
    source: 'configure-kubenet (KN); kubernetes-service-principal',
  }),
  LOCK_BLOCKS_CHANGE: entry<{ lock: string; level: string; scope: string; blocks: boolean; because: string }>(
    {
      severity: 'blocker',
      milder: (f) => (f.blocks ? null : 'warning'),
      message: (f) =>
        `The ${f.level} lock ${f.lock} on ${f.scope} ${f.blocks ? 'stops' : 'may stop'} this change. ${f.because}`,
      remedy: (f) =>
        f.blocks
          ? `Remove the lock ${f.lock} for the time of the change, and plan again.`
          : `Better remove the lock ${f.lock} for the time of the change.`,
      confidence: 'observed',
      source: 'lock-resources; Azure/AKS issues 621 and 3291; azure-aks-docs pull request 427',
    },
  ),
  POLICY_MAY_DENY_PIP: entry<{
    isCertain: boolean
    needed: number
    policies: { name: string; assignment: string; scope: string; definition: string; because: string }[]
    unread: string[]
  }>({
    severity: 'blocker',
    milder: (f) => (f.isCertain ? null : 'warning'),
    message: (f) => {
      const made = `the ${f.needed} public IP${f.needed === 1 ? '' : 's'} that AKS would make`
      const names = listed(f.policies.map(({ name, scope }) => `"${name}" (assigned to ${scope})`))
      if (f.isCertain) return `Azure Policy denies ${made}: ${names}.`
      return f.policies.length > 0
        ? `Whether Azure Policy lets ${made} through is not decided: ${names}.`
        : `Whether Azure Policy lets ${made} through is not decided: ${listed(f.unread)} could not be read.`
    },
    remedy: (f) =>
      f.isCertain
        ? 'Exempt the node resource group from the policy, or use addresses of your own or user-defined routing.'
        : 'Look at these policies before the change; exempt the node resource group where they deny public IPs.',
    confidence: 'documented',
    source: 'load-balancer-standard (LB1); requestdisallowedbypolicy-error (SA)',
  }),
  PIP_QUOTA: entry<{ limitName: string; current: number; needed: number; atPeak: number; limit: number }>({
    severity: 'blocker',
    message: (f) =>
      `The region has ${f.current} of ${f.limit} ${f.limitName}; with ${f.needed} more before the old ones go it would be ${f.atPeak}.`,
    remedy: (f) =>
      `Free at least ${f.atPeak - f.limit} or have the quota raised to ${f.atPeak} or more, and plan again.`,
    confidence: 'inferred',
    source: 'operationnotallowed-publicipcountlimitreached-error (SA)',
  }),
  NRG_LOCKDOWN: entry<{ nodeResourceGroup: string }>({
    severity: 'info',
    message: (f) =>
      `The node resource group ${f.nodeResourceGroup} is locked down: nobody but AKS can change anything in it.`,
    remedy: () => 'Nothing to do: AKS makes this change itself.',
    confidence: 'documented',
    source: 'node-resource-group-lockdown (NRG)',
  }),
  SP_CREDENTIALS: entry<{ clientId: string }>({
    severity: 'info',
    message: (f) =>
      `The cluster uses the service principal ${f.clientId}; whether its secret is still good and what it may do cannot be seen in ARM.`,
    remedy: () => 'Make sure that its secret has not expired, or move the cluster to a managed identity.',
    confidence: 'documented',
    source: 'kubernetes-service-principal',
  }),
  PREFLIGHT_INCOMPLETE: entry<{ unread: string[] }>({
    severity: 'info',
    message: (f) => `The preflight was made without ${listed(f.unread)}, which could not be read.`,
    remedy: () => 'Give this service Reader rights on the subscription, or look at them by hand.',
    confidence: 'documented',
    source: 'this service',
  }),
}

function principal(who: Principal, ids: string[]): string {
  if (who === 'caller') return 'The identity that this service runs as'
  return `The cluster's identity ${listed(ids)}`
}

function roleFor(actions: string[]): string {
  return actions.some((action) => action.startsWith('Microsoft.ContainerService/'))
    ? 'Azure Kubernetes Service Contributor Role'
    : 'Network Contributor'
}

function distinct(items: string[]): string[] {
  return [...new Set(items)]
}
