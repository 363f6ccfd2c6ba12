import { NEWEST_API_VERSION } from './api-version.ts'
import type { PlanningContext } from './planning-context.ts'
import type { StepDraft } from './step-draft.ts'

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
    title: `Upgrade the node image of the pool ${name} (${count} node${count === 1 ? '' : 's'}), one surge after the other`,
    does: {
      kind: 'upgradeNodeImage',
      id: `${cluster.id}/agentPools/${name}`,
      apiVersion: NEWEST_API_VERSION,
    },
    expects: [{ path: '/properties/provisioningState', equals: 'Succeeded' }],
    undo: 'Nodes that were replaced stay replaced.',
    undoes: [],
  }))
}

function rank(mode: string): number {
  return mode === 'System' ? 0 : 1
}
