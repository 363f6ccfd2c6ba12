import { finding } from '../findings/catalogue.ts'
import { snatOf } from '../snat.ts'
import type { Check } from './check.ts'

/** Fewer source ports for a node than before is how connections start to fail days later (SNAT_DROPS; needs N16). */
export const snatCapacity: Check = (context) => {
  const { before, after, nodes, suggestedIpCount } = snatOf(context)
  if (context.isNoChange || before.portsPerNode === null || after.portsPerNode === null) return []
  // Without a way out there is nothing to exhaust; ISO_WORKLOADS_LOSE_INTERNET says it.
  if (after.path === 'none' || after.portsPerNode >= before.portsPerNode) return []
  return [
    finding('SNAT_DROPS', {
      before: before.portsPerNode,
      after: after.portsPerNode,
      nodesAtPeak: nodes.peak,
      suggestedIpCount,
    }),
  ]
}
