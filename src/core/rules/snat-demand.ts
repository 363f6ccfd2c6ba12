import { lastSegment } from '../arm/resource-id.ts'
import { listedCode } from '../lib/text.ts'
import { assessSnat } from '../plan/snat.ts'
import { documented } from '../references/references.ts'
import { type Check, rule } from './rule.ts'

const METRICS = { text: 'Supported metrics of Azure Monitor for load balancers and NAT gateways' }

export const SNAT_DEMAND_EXCEEDS = rule<{
  peak: number
  portsAfter: number
  suggestedIpCount: number | null
  from: string
  to: string
}>('SNAT_DEMAND_EXCEEDS', {
  severity: 'warning',
  message: (f) =>
    `The target has ${f.portsAfter} SNAT ports, but up to ${f.peak} were in use at the same time between ${f.from} and ${f.to}: connections may fail.`,
  remedy: (f) => addAddresses(f.suggestedIpCount),
  source: documented(METRICS, 'nat-gateway-resource', 'load-balancer-outbound-connections'),
})

export const SNAT_NODE_DEMAND_EXCEEDS = rule<{
  peakPerNode: number
  portsPerNodeAfter: number
  nodesAtPeak: number
  suggestedIpCount: number | null
}>('SNAT_NODE_DEMAND_EXCEEDS', {
  severity: 'warning',
  message: (f) =>
    `Each node gets ${f.portsPerNodeAfter} SNAT ports with ${f.nodesAtPeak} nodes at peak, but one node used at least ${f.peakPerNode} in the last 14 days: its connections may fail.`,
  remedy: (f) => addAddresses(f.suggestedIpCount),
  source: documented(METRICS, 'load-balancer-outbound-connections'),
})

export const SNAT_FAILING_NOW = rule<{ failed: number; resources: string[] }>('SNAT_FAILING_NOW', {
  severity: 'warning',
  message: (f) =>
    `${f.failed} outbound connection${f.failed === 1 ? '' : 's'} through ${listedCode(f.resources)} failed in the last 24 h, before any change.`,
  remedy:
    'Find the cause before the change: failed connections usually mean that the SNAT ports are exhausted. Do not attribute these failures to the change.',
  source: documented(METRICS, 'load-balancer-outbound-connections'),
})

/** Compares the measured demand with the ports of the target. Without measurements it reports nothing. */
export const checkSnatDemand: Check = (context) => {
  if (context.isNoChange) return []
  const { measured, after, nodes } = assessSnat(context)
  if (measured === undefined) return []
  const { portsNeeded, suggestedIpCount, from, to, resources, failedLastDay } = measured
  const perNode = Math.max(
    // A NAT gateway shows no nodes, but one node has at least the mean.
    Math.ceil((portsNeeded ?? 0) / Math.max(nodes.now, 1)),
    ...resources.map(({ peakPerNode }) => peakPerNode ?? 0),
  )
  const total = { peak: portsNeeded ?? 0, portsAfter: after.ports ?? 0, suggestedIpCount, from, to }
  const node = { peakPerNode: perNode, portsPerNodeAfter: after.portsPerNode ?? 0, nodesAtPeak: nodes.peak }
  const failing = resources.filter(({ failedConnections }) => (failedConnections?.lastDay ?? 0) > 0)
  return [
    ...SNAT_DEMAND_EXCEEDS.when(
      after.path !== 'none' && portsNeeded !== null && after.ports !== null && portsNeeded > after.ports,
      total,
    ),
    ...SNAT_NODE_DEMAND_EXCEEDS.when(
      after.path === 'loadBalancer' && after.portsPerNode !== null && perNode > after.portsPerNode,
      { ...node, suggestedIpCount },
    ),
    ...SNAT_FAILING_NOW.when(failing.length > 0, {
      failed: failedLastDay ?? failing.reduce((sum, item) => sum + (item.failedConnections?.lastDay ?? 0), 0),
      resources: failing.map(({ id }) => lastSegment(id)),
    }),
  ]
}

function addAddresses(count: number | null): string {
  return count === null
    ? 'Give the target more public addresses, or reduce the number of concurrent connections.'
    : `Give the target ${count} public address${count === 1 ? '' : 'es'}, or reduce the number of concurrent connections.`
}
