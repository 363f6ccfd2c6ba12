import type { Expectation, FieldChange, Step, StepAction } from '../../../contract/steps.ts'
import { LATEST_API_VERSION, writeApiVersion } from '../../arm/outbound-type.ts'
import { lastSegment } from '../../arm/resource-id.ts'
import { equalsArm } from '../../arm/words.ts'
import type { PlanningContext } from '../../context/planning-context.ts'
import { canUpgradeNodeImage } from '../../snapshot/agent-pools.ts'
import type { AgentPoolFacts } from '../../snapshot/snapshot.ts'
import { fieldChanges, plannedFields, RANGES_PATH, valueAt } from '../../target/cluster-patch.ts'

/** A step without its position in the list of steps. */
export type StepDraft = Omit<Step, 'requires'>

/** Steps in the given order: each step requires the previous step. */
export function chainSteps(drafts: StepDraft[]): Step[] {
  return drafts.map((draft, index) => ({
    ...draft,
    requires: drafts
      .slice(0, index)
      .slice(-1)
      .map(({ key }) => key),
  }))
}

/** The operation of every written resource must have ended. */
export const PROVISIONED: Expectation = { path: '/properties/provisioningState', equals: 'Succeeded' }

/** Reads the addresses that are unknown before the change. */
export const DISCOVERY_STEP: StepDraft = {
  key: 'discover-egress-ips',
  title: 'Discover the current egress addresses',
  does: { kind: 'discoverEgressIps' },
  expects: [],
  undo: 'Nothing to undo: this step only reads.',
  undoes: [],
}

/** Adds the discovered addresses to the authorized ranges. */
export function authorizeDiscoveredStep(apiVersion: string): StepDraft {
  return {
    key: 'authorize-discovered-ips',
    title: 'Add the new egress addresses to the authorized IP ranges of the API server',
    does: {
      kind: 'updateCluster',
      apiVersion,
      changes: [{ op: 'unionDiscoveredEgress', path: RANGES_PATH }],
    },
    expects: [{ path: RANGES_PATH, coversDiscoveredEgress: true }, PROVISIONED],
    undo: 'Remove the added addresses from the authorized IP ranges. The job lists them.',
    undoes: [],
  }
}

/**
 * The rolling upgrade that a change of the outbound type requires but AKS does not start (node-disruption-policy): one
 * pool at a time, system pools first, after the new egress is verified and authorized.
 */
export function nodeImageSteps({ snapshot: { cluster }, request, from, to }: PlanningContext): StepDraft[] {
  if (request.upgradeNodeImages !== true || from === to) return []
  const pools = cluster.agentPools.filter(canUpgradeNodeImage)
  const rank = ({ mode }: AgentPoolFacts) => (equalsArm(mode, 'System') ? 0 : 1)
  const ordered = pools.toSorted((a, b) => rank(a) - rank(b))
  return ordered.map(({ name, count }) => ({
    key: `upgrade-node-image-${name}`,
    title: `Upgrade the node image of pool ${name} (${count ?? 'unknown number of'} node${count === 1 ? '' : 's'}, rolling upgrade)`,
    does: {
      kind: 'upgradeNodeImage',
      id: `${cluster.id}/agentPools/${name}`,
      apiVersion: LATEST_API_VERSION,
    },
    expects: [PROVISIONED],
    undo: 'Cannot be undone: the nodes keep the new image.',
    undoes: [],
  }))
}

/**
 * The write that restores the current value of every changed field; empty if the support matrix has no rollback. The
 * write does not restore addresses that AKS has released.
 */
export function revertSwitch(context: PlanningContext): StepAction[] {
  const { from, to, target, transition, policy, snapshot } = context
  if (from === null || (from !== to && transition?.reversible !== true)) return []
  const changed = from === to ? plannedFields(context) : fieldChanges(target, snapshot.cluster)
  const changes = changed.flatMap((field): FieldChange[] => {
    const value = valueAt(snapshot.cluster, field.path)
    return [value === null ? { op: 'remove', path: field.path } : { op: 'set', path: field.path, value }]
  })
  return [{ kind: 'updateCluster', apiVersion: writeApiVersion(from, policy.previewApiVersion), changes }]
}

/** Adds the new egress addresses to the authorized IP ranges: known addresses, and addresses that the plan has created. */
export function widenRangesStep({ ranges, from, policy }: PlanningContext): StepDraft {
  const { add: cidrs, addPrepared: resourceIds } = ranges
  const apiVersion = writeApiVersion(from, policy.previewApiVersion)
  const added = [...cidrs, ...resourceIds.map((id) => `the address of ${lastSegment(id)}`)].join(', ')
  const changes: FieldChange[] = []
  const undone: FieldChange[] = []
  const covered: Expectation[] = []
  if (cidrs.length > 0) {
    changes.push({ op: 'unionCidrs', path: RANGES_PATH, cidrs })
    undone.push({ op: 'subtractCidrs', path: RANGES_PATH, cidrs })
    covered.push({ path: RANGES_PATH, coversCidrs: cidrs })
  }
  if (resourceIds.length > 0) {
    changes.push({ op: 'unionAddressesOf', path: RANGES_PATH, resourceIds })
    undone.push({ op: 'subtractAddressesOf', path: RANGES_PATH, resourceIds })
    covered.push({ path: RANGES_PATH, coversAddressesOf: resourceIds })
  }
  return {
    key: 'widen-authorized-ranges',
    title: `Add ${added} to the authorized IP ranges of the API server`,
    does: { kind: 'updateCluster', apiVersion, changes },
    expects: [...covered, PROVISIONED],
    undo: `Remove ${added} from the authorized IP ranges.`,
    undoes: [{ kind: 'updateCluster', apiVersion, changes: undone }],
  }
}
