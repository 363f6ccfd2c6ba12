import type { MeasuredResource } from '../../contract/demand.ts'
import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { gatewayBehind } from '../egress/subnet-attachments.ts'
import { counted, formatted, named } from '../lib/text.ts'
import { assessSnat } from '../plan/snat.ts'
import { documented, inferred } from '../references/references.ts'
import type { FirewallFacts } from '../snapshot/network-facts.ts'
import { type Check, rule } from './rule.ts'
import {
  allocatedPorts,
  cleanupFact,
  ENLARGE_FIREWALL,
  ENLARGE_HUB_FIREWALL,
  enlargeTarget,
  type TargetSize,
} from './snat-capacity.ts'

const METRICS = { text: 'Supported metrics of Azure Monitor for load balancers and NAT gateways' }

/** Azure reports a firewall as degraded above this share of its SNAT ports. */
const EXHAUSTED_PERCENT = 95

const TOO_LARGE = 'Reduce the number of concurrent connections, or choose a target with more SNAT ports.'
const OR_REDUCE = (change: string) => `${change}, or reduce the number of concurrent connections.`

export const SNAT_DEMAND_EXCEEDS = rule<
  { peak: number; portsAfter: number; from: string; to: string } & TargetSize
>('SNAT_DEMAND_EXCEEDS', {
  severity: 'warning',
  message: (f) =>
    `Connections may fail: the target has ${counted(f.portsAfter, 'SNAT port')} for each protocol, but the cluster had up to ${formatted(f.peak)} concurrent connections between ${f.from} and ${f.to}, and each connection can need one port.`,
  remedy: (f) => enlargeTarget(f, OR_REDUCE) ?? TOO_LARGE,
  source: inferred(METRICS, 'nat-gateway-resource', 'load-balancer-outbound-connections'),
})

export const SNAT_NODE_DEMAND_EXCEEDS = rule<
  { peakPerNode: number; portsPerNodeAfter: number; nodesAtPeak: number; isMeasured: boolean } & TargetSize
>('SNAT_NODE_DEMAND_EXCEEDS', {
  severity: 'warning',
  message: (f) =>
    `Connections of nodes may fail: each node gets ${counted(f.portsPerNodeAfter, 'SNAT port')} if the cluster has its maximum of ${counted(f.nodesAtPeak, 'node')}, but ${
      f.isMeasured
        ? `one node used at least ${counted(f.peakPerNode, 'port')} in the last 14 days`
        : `one node had at least ${counted(f.peakPerNode, 'connection')} at the measured peak, and each connection can need one port`
    }.`,
  remedy: (f) => enlargeTarget(f, OR_REDUCE) ?? TOO_LARGE,
  source: inferred(METRICS, 'load-balancer-outbound-connections', 'load-balancer-standard'),
})

export const SNAT_FAILING_NOW = rule<{ failed: number; resources: string[] }>('SNAT_FAILING_NOW', {
  severity: 'warning',
  message: (f) =>
    `${counted(f.failed, 'outbound connection')} through ${named('resource', f.resources)} failed in the last 24 h, before any change.`,
  remedy:
    'Find the cause before you execute the plan: the usual cause is SNAT port exhaustion. Do not attribute these failures to the change.',
  source: documented(METRICS, 'load-balancer-outbound-connections'),
})

export const SNAT_FIREWALL_EXHAUSTED = rule<{ firewalls: string[]; percent: number; isInHub?: boolean }>(
  'SNAT_FIREWALL_EXHAUSTED',
  {
    severity: 'warning',
    message: (f) =>
      `New connections through ${named('firewall', f.firewalls)} may fail: up to ${f.percent} % of the SNAT ports were in use in the last 14 days, and this change can add traffic.`,
    remedy: (f) =>
      `${f.isInHub === true ? ENLARGE_HUB_FIREWALL : ENLARGE_FIREWALL} If connections already fail now, the change is not the only cause.`,
    source: inferred({ text: 'Azure Firewall metrics' }, 'integrate-with-nat-gateway'),
  },
)

/** Compares the measured demand with the ports of the target. Without measurements it reports nothing. */
export const checkSnatDemand: Check = (context) => {
  if (context.isNoChange) return []
  const { measured, after, nodes } = assessSnat(context)
  if (measured === undefined) return []
  const { portsNeeded, portsPerNodeNeeded, from, to, resources, failedLastDay } = measured
  const perNode = portsPerNodeNeeded ?? 0
  const size: TargetSize = {
    suggestedIpCount: measured.suggestedIpCount,
    suggestedPortsPerNode: measured.suggestedPortsPerNode ?? null,
    addressesAfter: after.addresses,
    allocatedOutboundPorts: allocatedPorts(context),
    ...cleanupFact(context),
  }
  const total = { peak: portsNeeded ?? 0, portsAfter: after.ports ?? 0, from, to }
  const node = {
    peakPerNode: perNode,
    portsPerNodeAfter: after.portsPerNode ?? 0,
    nodesAtPeak: nodes.peak,
    isMeasured: resources.some(({ peakPerNode }) => peakPerNode === perNode),
  }
  const failing = resources.filter(({ failedConnections }) => (failedConnections?.lastDay ?? 0) > 0)
  return [
    ...SNAT_DEMAND_EXCEEDS.when(
      after.path !== 'none' && portsNeeded !== null && after.ports !== null && portsNeeded > after.ports,
      { ...total, ...size },
    ),
    ...SNAT_NODE_DEMAND_EXCEEDS.when(
      after.path === 'loadBalancer' && after.portsPerNode !== null && perNode > after.portsPerNode,
      { ...node, ...size },
    ),
    ...SNAT_FAILING_NOW.when(failing.length > 0, {
      failed: failedLastDay ?? failing.reduce((sum, item) => sum + (item.failedConnections?.lastDay ?? 0), 0),
      resources: failing.map(({ id }) => lastSegment(id)),
    }),
    ...exhaustedFirewalls(context, resources),
  ]
}

/** A NAT gateway on the subnet of a firewall takes over its SNAT, so the ports of the firewall do not matter then. */
function exhaustedFirewalls({ snapshot }: PlanningContext, resources: MeasuredResource[]): Finding[] {
  const exhausted = resources.filter(({ id, utilization }) => {
    const firewall = snapshot.firewalls[idKey(id)]
    const hasGateway = firewall !== undefined && gatewayBehind(firewall, snapshot) !== null
    return !hasGateway && (utilization?.peak ?? 0) > EXHAUSTED_PERCENT
  })
  return SNAT_FIREWALL_EXHAUSTED.when(exhausted.length > 0, {
    firewalls: exhausted.map(({ id }) => lastSegment(id)),
    percent: Math.max(0, ...exhausted.map(({ utilization }) => utilization?.peak ?? 0)),
    ...(exhausted.every(({ id }) => isInHub(snapshot.firewalls[idKey(id)])) ? { isInHub: true } : {}),
  })
}

function isInHub(firewall: FirewallFacts | undefined): boolean {
  return (firewall?.virtualHubId ?? null) !== null
}
