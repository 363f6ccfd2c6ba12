import type { Expectation, FieldChange, Step, StepAction } from '../../../contract/steps.ts'
import { LATEST_API_VERSION, writeApiVersion } from '../../arm/api-versions.ts'
import { lastSegment } from '../../arm/resource-id.ts'
import type { PlanningContext } from '../../context/planning-context.ts'
import { fieldChanges, plannedFields, RANGES_PATH, valueAt } from '../../target/cluster-patch.ts'

/** A step before it is put in its row. */
export type StepDraft = Omit<Step, 'requires'>

/** Every resource that was written has to come to rest. */
export function provisioned(): Expectation {
  return { path: '/properties/provisioningState', equals: 'Succeeded' }
}

/**
 * The rolling upgrade that a change of outbound type asks for and AKS does not start (NDP; rulebook
 * NODE_REIMAGE_REQUIRED): pool after pool, system pools first, once the new egress is verified and authorized.
 */
export function nodeImageSteps({ snapshot: { cluster }, request, from, to }: PlanningContext): StepDraft[] {
  if (request.upgradeNodeImages !== true || from === to) return []
  const pools = cluster.agentPools.filter(({ type }) => type === 'VirtualMachineScaleSets')
  const ordered = [...pools].sort((a, b) => rank(a.mode) - rank(b.mode))
  return ordered.map(({ name, count }) => ({
    key: `upgrade-node-image-${name}`,
    title: `Upgrade the node image of pool ${name} (${count} node${count === 1 ? '' : 's'}, rolling upgrade)`,
    does: {
      kind: 'upgradeNodeImage',
      id: `${cluster.id}/agentPools/${name}`,
      apiVersion: LATEST_API_VERSION,
    },
    expects: [{ path: '/properties/provisioningState', equals: 'Succeeded' }],
    undo: 'Cannot be undone: replaced nodes stay replaced.',
    undoes: [],
  }))
}

function rank(mode: string): number {
  return mode === 'System' ? 0 : 1
}

/**
 * The write that brings every field of the switch back to what the cluster shows now; empty where the matrix has
 * no way back. What AKS has released by then does not come back with it (rulebook ROLLBACK_NEW_IPS).
 */
export function revertSwitch(context: PlanningContext): StepAction[] {
  const { from, to, target, transition, policy, snapshot } = context
  if (from === null || (from !== to && transition?.reversible !== true)) return []
  const changed = from === to ? plannedFields(context) : fieldChanges(target)
  const changes = changed.flatMap((field): FieldChange[] => {
    const value = valueAt(snapshot.cluster, field.path)
    return [value === null ? { op: 'remove', path: field.path } : { op: 'set', path: field.path, value }]
  })
  return [{ kind: 'updateCluster', apiVersion: writeApiVersion(from, policy.previewApiVersion), changes }]
}

/** Adds the new egress to the authorized ranges: addresses that are known, and those that the plan has just made. */
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
    expects: [...covered, provisioned()],
    undo: `Remove ${added} from the authorized IP ranges.`,
    undoes: [{ kind: 'updateCluster', apiVersion, changes: undone }],
  }
}
