import type { Finding } from '../../contract/finding.ts'
import { listed, named, these } from '../../core/lib/text.ts'
import { endedIncomplete, endedReverted, endedUnmoved, type ReportedPlan } from './reported-plan.ts'

/** Who is denied access to the API server, when it begins, and when it ends, by the code of the finding. */
const DENIALS: Record<string, (facts: Finding['facts'], plan: ReportedPlan) => string | undefined> = {
  AUTHORIZED_RANGES_MISS_EGRESS: ({ missing, added }, plan) =>
    `Nodes may be denied access now, because the ranges do not contain ${listed(texts(missing))}. Access returns when ${hasStopped(plan) ? `the ranges contain ${these('address', texts(missing))}` : added === true ? `the job has added ${these('address', texts(missing))}` : `you add ${these('address', texts(missing))}; the job of this plan does not`}.`,
  AUTHORIZED_RANGES_MISS_NEW_EGRESS: ({ missing, present }) => {
    const added = texts(missing).filter((address) => !texts(present).includes(address))
    if (added.length === 0) return undefined
    return `Nodes are denied access from the cutover until you add ${listed(added)} to the ranges. The job of this plan does not add ${these('address', added)}.`
  },
  AUTHORIZED_RANGES_TARGET_UNKNOWABLE: ({ count, added, allowed }, plan) => {
    const created = count === 1 ? 'the new address' : `the ${count} new addresses`
    const subject =
      texts(allowed).length === 0
        ? `Nodes are denied access from the cutover until the ranges contain ${created}.`
        : `From the cutover, nodes that connect from ${created} may be denied access until the ranges contain ${count === 1 ? 'it' : 'them'}. Nodes that connect from ${listed(texts(allowed))} keep access.`
    return `${subject} ${untilAdded(added === true, plan)}`
  },
  RECONCILE_COMPLETES_CHANGE: ({ missing, coversEgress }, plan) => {
    if (texts(missing).length > 0)
      return `Nodes may be denied access from the cutover until ${listed(texts(missing))} ${texts(missing).length === 1 ? 'takes' : 'take'} effect in the ranges. The step that reconciles the cluster adds ${these('address', texts(missing))}.`
    // Newer plans have a finding about addresses that are unknown at plan time.
    if (missing !== undefined || coversEgress !== false) return undefined
    return `Nodes are denied access from the cutover until the ranges contain the new addresses. ${untilAdded(true, plan)}`
  },
  AUTHORIZED_EGRESS_NOT_IN_ARM: () =>
    'Nodes may be denied access from the cutover, for as long as the ranges do not contain every public address of the new egress path. The job does not add these addresses.',
  AUTHORIZED_AUTO_ADD_IS_LB_ONLY: ({ addresses }) =>
    `Clients that connect from ${listed(texts(addresses))} may be denied access from the cutover until you add ${these('address', texts(addresses))} to the ranges. Access without an entry in the ranges is documented only for the outbound type loadBalancer.`,
  AUTHORIZED_SELF_LOCKOUT: ({ notAdmitted, notKnownYet }, plan) =>
    `Clients that use the egress of the cluster, such as pipelines and other clusters, ${texts(notAdmitted).length > 0 ? 'are' : 'may be'} denied access from the cutover until the ranges contain ${texts(notAdmitted).length > 0 ? listed(texts(notAdmitted)) : 'their new addresses'}. ${untilAdded(notKnownYet === true && addsDiscovered(plan), plan)}`,
  AUTHORIZED_NODE_PIP: ({ pools }) =>
    `Nodes of ${named('node pool', texts(pools))} are denied access from the cutover until their public IPs come from a public IP prefix that the ranges contain.`,
  AUTHORIZED_ZERO_PLACEHOLDER: ({ target, missing }) =>
    `${target === 'loadBalancer' && texts(missing).length > 0 ? `Nodes that connect from ${listed(texts(missing))} are` : 'Every client is'} denied access from the cutover until you replace the range 0.0.0.0/32.`,
  AUTHORIZED_VIRTUAL_NODES: () =>
    'Pods on virtual nodes may be denied access at any time, until you disable virtual nodes or the authorized IP ranges.',
  AUTHORIZED_VNETINT_NODES_PRIVATE: () =>
    'Tools that connect to the public endpoint from new egress addresses are denied access from the cutover until you add these addresses to the ranges.',
  API_SERVER_PATH_LOST: ({ subnets, isRouted }) =>
    `Nodes in ${named('subnet', texts(subnets))} may lose access from the cutover until you ${isRouted === false ? 'add a default route to an appliance' : 'change the route of these nodes'}, or attach a NAT gateway to ${these('subnet', texts(subnets))}.`,
  UDR_FIREWALL_RULES: ({ apiServerOfNodes, apiServerOfPods, apiServerUnproven }) => {
    const [ofNodes, ofPods, unproven] = [apiServerOfNodes, apiServerOfPods, apiServerUnproven].map(texts)
    const clients = isEmpty(ofNodes) ? 'Pods' : isEmpty(ofPods) ? 'Nodes' : 'Nodes and pods'
    const blocked = [...new Set([...(ofNodes ?? []), ...(ofPods ?? [])])]
    const since = 'from the cutover, or now if their traffic already passes the appliance'
    if (blocked.length > 0)
      return `${clients} behind the appliance are denied access to the API server ${since}, for as long as the appliance blocks ${listed(blocked)}.`
    if (isEmpty(unproven)) return undefined
    return `Nodes or pods behind the appliance may be denied access to the API server ${since}, for as long as the appliance does not allow ${listed(unproven ?? [])}. This service found no rule that allows ${unproven?.length === 1 ? 'this endpoint' : 'these endpoints'}.`
  },
  API_SERVER_PATH_UNCERTAIN: ({ subnets }) =>
    `Nodes in ${named('subnet', texts(subnets))} may be denied access from the cutover, for as long as the ranges do not contain every possible source address.`,
}

const UNTIL_ADDED_BY_JOB =
  'The job adds these addresses as soon as it has discovered them. The duration is not documented; expect some minutes.'
const ADDED_BY_JOB = 'The job has added these addresses after the cutover.'
const UNTIL_ADDED_AFTER_JOB =
  'The job ended before it added these addresses. Access is denied until you add them.'
const UNTIL_ADDED_BY_USER = 'The job does not add these addresses. Access is denied until you add them.'

/**
 * Sentences about every client that the plan denies or may deny access to the API server. If the job of the plan ended without
 * a cutover or reverted it, only about nodes that had no access before.
 */
export function deniedAccess(plan: ReportedPlan): string[] {
  if (endedUnmoved(plan) || endedReverted(plan)) return deniedBefore(plan)
  return plan.findings.flatMap((finding) => DENIALS[finding.code]?.(finding.facts, plan) ?? [])
}

/** A job that moved no traffic, or moved it back, leaves the nodes that had no access before. It may have added ranges. */
function deniedBefore({ findings }: ReportedPlan): string[] {
  return findings
    .filter(({ code }) => code === 'AUTHORIZED_RANGES_MISS_EGRESS')
    .map(
      ({ facts: { missing } }) =>
        `Nodes may have been denied access already before the job. Access returns when the ranges contain ${listed(texts(missing))}.`,
    )
}

/** Whether the job ended before it completed the change, and no later job has. Such a job adds no more addresses. */
function hasStopped({ execution }: ReportedPlan): boolean {
  const isOver = execution?.confirmedBy != null || execution?.supersededBy != null
  return endedIncomplete({ execution }) && !isOver
}

function untilAdded(isByJob: boolean, plan: ReportedPlan): string {
  if (!isByJob) return UNTIL_ADDED_BY_USER
  if (!hasStopped(plan)) return UNTIL_ADDED_BY_JOB
  return plan.execution?.hasAuthorized === true ? ADDED_BY_JOB : UNTIL_ADDED_AFTER_JOB
}

export const DENIAL_CODES: readonly string[] = Object.keys(DENIALS)

/** Whether the job adds addresses to the authorized IP ranges after it has discovered them. */
export function addsDiscovered({ steps }: ReportedPlan): boolean {
  return steps.some(({ key }) => key === 'authorize-discovered-ips')
}

function isEmpty(list: string[] | undefined): boolean {
  return list === undefined || list.length === 0
}

/** A list of a finding. Plans of other versions may have other facts. */
function texts(fact: unknown): string[] {
  return Array.isArray(fact) ? fact.map(String) : []
}
