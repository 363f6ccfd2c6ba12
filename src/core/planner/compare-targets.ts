import type { AzureMode } from '../../contract/cluster.ts'
import type { ComparedTarget, Comparison } from '../../contract/comparison.ts'
import type { Finding, Severity } from '../../contract/finding.ts'
import { TYPE_KEYS, type TypeKey } from '../../contract/outbound-type.ts'
import type { RequestedPreparation } from '../../contract/preparation.ts'
import { idKey } from '../arm/resource-id.ts'
import type { PlanningPolicy } from '../context/planning-context.ts'
import { defaultRequest } from '../request/plan-request.ts'
import { declaredType } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { buildPlan, identityOf, type NewPlan, UNSTAMPED } from './planner.ts'
import { rankTargets, type UnrankedTarget } from './rank-targets.ts'

/**
 * Compares all targets of a cluster from one snapshot. Each row describes the plan with default parameters. If that
 * plan is blocked and a preparation resolves blockers, the row describes the plan with the preparation. Pure.
 */
export function compareTargets(snapshot: Snapshot, policy: PlanningPolicy, azure: AzureMode): Comparison {
  const { cluster } = snapshot
  const rows = TYPE_KEYS.map((target) => compareTarget(target, snapshot, policy, azure))
  return {
    cluster: identityOf(cluster),
    asOf: snapshot.takenAt,
    azure,
    declared: declaredType(cluster),
    targets: rankTargets(rows),
    unread: snapshot.unread,
  }
}

function compareTarget(
  target: TypeKey,
  snapshot: Snapshot,
  policy: PlanningPolicy,
  azure: AzureMode,
): UnrankedTarget {
  const request = defaultRequest(snapshot.cluster, { outboundType: target })
  const planWith = (prepare?: RequestedPreparation) =>
    buildPlan(snapshot, prepare === undefined ? request : { ...request, prepare }, policy, {
      ...UNSTAMPED,
      azure,
    })
  const plain = planWith()
  const preparation = plain.status === 'blocked' ? preparationFor(target, snapshot) : null
  const prepared = preparation === null ? null : planWith(preparation)
  const before = codesOf(plain, 'blocker')
  const after = prepared === null ? [] : codesOf(prepared, 'blocker')
  const resolves = prepared === null ? [] : before.filter((code) => !after.includes(code))
  const isHelpful = prepared !== null && preparation !== null && resolves.length > 0
  const plan = isHelpful ? prepared : plain
  return {
    target,
    support: plan.transition.support,
    verdict: plain.status,
    why: whyOf(plain),
    blockers: reduced(plain, 'blocker'),
    acknowledgements: reduced(plan, 'acknowledge'),
    prepare: isHelpful
      ? {
          request: preparation,
          verdict: prepared.status,
          resolves,
          blockers: after,
          acknowledgements: prepared.acknowledgementsRequired,
        }
      : null,
    addresses: addressesOf(plan),
    disruption: plan.disruption,
    zones: { before: plan.zoneResilience.before, after: plan.zoneResilience.after },
    snat: { before: plan.snat.before, after: plan.snat.after },
    ...(plan.cost === undefined
      ? {
          costUnknownBecause:
            'AKS does not support this change for the cluster, so there is no plan whose resources could be counted.',
        }
      : { cost: plan.cost }),
    rollback: {
      supported: plan.rollback.supported,
      lost: plan.rollback.lost,
      blockers: plan.rollback.plan?.blockers ?? [],
    },
    infrastructureAsCode: (plan.handoff?.tools ?? []).map(({ tool, code, warning }) => ({
      tool,
      canExpress: code !== null,
      warning,
    })),
  }
}

/**
 * The preparation that a target may need, with values that Azure shows. A default route needs the private address of an
 * appliance. The address of a firewall is used only if it is the only firewall in the virtual network of the cluster,
 * because a firewall in another network may not be reachable.
 */
function preparationFor(target: TypeKey, snapshot: Snapshot): RequestedPreparation | null {
  if (target === 'userAssignedNATGateway') return { natGateway: {} }
  if (target !== 'userDefinedRouting') return null
  const addresses = firewallAddresses(snapshot)
  const [nextHopIpAddress] = addresses
  return nextHopIpAddress === undefined || addresses.length > 1
    ? null
    : { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress } }
}

function firewallAddresses({ firewalls, subnets }: Snapshot): string[] {
  const networks = new Set(subnets.map(({ id }) => networkOf(id)))
  return Object.values(firewalls)
    .filter(({ subnetIds }) => subnetIds.some((id) => networks.has(networkOf(id))))
    .flatMap(({ privateAddresses }) => privateAddresses)
}

function networkOf(subnetId: string): string {
  return idKey(subnetId).replace(/\/subnets\/[^/]+$/, '')
}

/** The reason for the verdict of a plan, as one sentence: the support matrix, or another blocker. */
export function whyOf({ status, transition, findings }: NewPlan): string {
  const blockers = findings.filter(({ severity }) => severity === 'blocker')
  const [first] = blockers
  if (status === 'noChange')
    return 'The cluster already has this outbound type with the requested parameters.'
  if (first === undefined || transition.support === 'unsupported') return transition.reason
  const others = blockers.length - 1
  return others === 0
    ? first.message
    : `${first.message.replace(/\.$/, '')}, and ${others} more blocker${others === 1 ? '' : 's'} exist${others === 1 ? 's' : ''}.`
}

function addressesOf({ egressIps }: NewPlan): ComparedTarget['addresses'] {
  const listed = (rows: NewPlan['egressIps']) => rows.flatMap(({ address }) => address ?? [])
  const of = (change: NewPlan['egressIps'][number]['change']) =>
    egressIps.filter((row) => row.change === change)
  return {
    kept: listed(of('kept')),
    lost: listed(of('lost')),
    unrecoverable: listed(of('lost').filter(({ recoverable }) => !recoverable)),
    added: listed(of('added')),
    addedLater: of('added').filter(({ address }) => address === null).length,
    unknown: listed(of('unknown')),
    isComplete: !of('unknown').some(({ address, usedAfter }) => address === null && usedAfter?.length !== 0),
  }
}

function codesOf(plan: NewPlan, severity: Severity): string[] {
  return [
    ...new Set(plan.findings.filter((finding) => finding.severity === severity).map(({ code }) => code)),
  ]
}

function reduced(plan: NewPlan, severity: Severity): Pick<Finding, 'code' | 'message' | 'remedy'>[] {
  return plan.findings
    .filter((finding) => finding.severity === severity)
    .map(({ code, message, remedy }) => ({ code, message, remedy }))
}
