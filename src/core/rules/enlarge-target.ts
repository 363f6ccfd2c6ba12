import type { PlanningContext } from '../context/planning-context.ts'

/** The size of a target, and the size that it needs. */
export type TargetSize = {
  suggestedIpCount: number | null
  suggestedPortsPerNode: number | null
  addressesAfter: number | null
  /** The ports per node that the load balancer is set to; 0 for automatic allocation, and for other targets. */
  allocatedOutboundPorts: number
  /** A cleanup takes no target. */
  isCleanup?: true
}

/** Whether the remedy must name another plan, because the plan has no target that the caller can change. */
export function cleanupFact({ request }: PlanningContext): Pick<TargetSize, 'isCleanup'> {
  return request.cleanUp === undefined ? {} : { isCleanup: true }
}

export const BEFORE_CLEANUP = 'Execute a plan for the current outbound type before the cleanup.'

/** The ports per node that a load balancer target is set to; 0 for automatic allocation, and for other targets. */
export function allocatedPorts({ target }: PlanningContext): number {
  return target.outboundType === 'loadBalancer' ? target.loadBalancer.allocatedOutboundPorts : 0
}

/** The change that gives a target the size that it needs; null if it has that size already, or none is enough. */
export function enlargeTarget(
  { suggestedIpCount, suggestedPortsPerNode, addressesAfter, allocatedOutboundPorts, isCleanup }: TargetSize,
  toRemedy: (change: string) => string,
): string | null {
  if (suggestedIpCount === null) return null
  const ports =
    suggestedPortsPerNode === null || suggestedPortsPerNode === allocatedOutboundPorts
      ? []
      : [`set \`allocatedOutboundPorts\` to ${suggestedPortsPerNode}`]
  const addresses =
    addressesAfter !== null && suggestedIpCount <= addressesAfter
      ? []
      : [`request ${suggestedIpCount} public address${suggestedIpCount === 1 ? '' : 'es'}`]
  const change = [...ports, ...addresses].join(' and ')
  if (change === '') return null
  return toRemedy(
    isCleanup === true
      ? `${BEFORE_CLEANUP} In that plan, ${change}`
      : `${change[0]?.toUpperCase()}${change.slice(1)}`,
  )
}
