import type { Snat } from '../../contract/egress.ts'
import type { Finding } from '../../contract/finding.ts'
import { assessSnat } from '../plan/snat.ts'
import { documented } from '../references/references.ts'
import { type Check, rule } from './rule.ts'

/** Above this number of nodes, one address is too few (best-practices-performance-scale-large). */
const LARGE_CLUSTER_NODES = 1000

/** Concurrent connections of one NAT gateway address to one destination (nat-sku). */
const PER_DESTINATION = 50_000

/** With fewer source ports for each node, connections may start to fail days later. */
export const checkSnatCapacity: Check = (context) => {
  if (context.isNoChange) return []
  const snat = assessSnat(context)
  return [...drop(snat), ...tooFew(snat), ...hotspot(snat)]
}

export const SNAT_DROPS = rule<{
  before: number
  after: number
  nodesAtPeak: number
  suggestedIpCount: number | null
}>('SNAT_DROPS', {
  severity: 'warning',
  message: (f) =>
    `Each of ${f.nodesAtPeak} nodes at peak has ${f.after} source ports after the change, ${f.before} before it.`,
  remedy: (f) =>
    f.suggestedIpCount === null
      ? 'Make sure that the appliance has enough public addresses for all concurrent connections.'
      : `Ask for ${f.suggestedIpCount} address${f.suggestedIpCount === 1 ? '' : 'es'} to keep the present capacity.`,
  source: documented(
    'configure-load-balancer-standard',
    'load-balancer-outbound-connections',
    'nat-gateway-resource',
    'nat-gateway',
  ),
})

function drop({ before, after, nodes, suggestedIpCount }: Snat): Finding[] {
  if (before.portsPerNode === null || after.portsPerNode === null) return []
  // Without egress there are no ports to exhaust; ISO_WORKLOADS_LOSE_INTERNET reports it.
  return SNAT_DROPS.when(after.path !== 'none' && after.portsPerNode < before.portsPerNode, {
    before: before.portsPerNode,
    after: after.portsPerNode,
    nodesAtPeak: nodes.peak,
    suggestedIpCount,
  })
}

export const SNAT_NAT_SIZING = rule<{ nodesAtPeak: number; addresses: number }>('SNAT_NAT_SIZING', {
  severity: 'warning',
  message: (f) =>
    `The cluster has ${f.nodesAtPeak} nodes at peak and its NAT gateway ${f.addresses === 1 ? 'one address' : 'no address'}; large clusters should have two or more.`,
  remedy: 'Give the gateway a second address; each carries 64,512 flows to one destination.',
  source: documented('best-practices-performance-scale-large', 'nat-gateway'),
})

export const SNAT_LB_LARGE = rule<{ nodesAtPeak: number; addresses: number }>('SNAT_LB_LARGE', {
  severity: 'warning',
  message: (f) =>
    `The cluster has ${f.nodesAtPeak} nodes at peak and its load balancer ${f.addresses === 1 ? 'one outbound address' : 'no outbound address'}; large clusters should have two or more.`,
  remedy: 'Ask for a second outbound address, or for a NAT gateway.',
  source: documented('best-practices-performance-scale-large'),
})

function tooFew({ after, nodes }: Snat): Finding[] {
  if (nodes.peak <= LARGE_CLUSTER_NODES || after.addresses === null || after.addresses >= 2) return []
  const facts = { nodesAtPeak: nodes.peak, addresses: after.addresses }
  return [
    ...SNAT_NAT_SIZING.when(after.path === 'natGateway', facts),
    ...SNAT_LB_LARGE.when(after.path === 'loadBalancer', facts),
  ]
}

export const SNAT_DEST_HOTSPOT = rule<{ before: number; after: number }>('SNAT_DEST_HOTSPOT', {
  severity: 'info',
  message: (f) =>
    `All nodes together can have ${f.after} connections to one destination at a time by the NAT gateway; the load balancer allowed ${f.before}.`,
  remedy: 'Add addresses if many nodes talk to one destination, such as one database.',
  source: documented('nat-sku'),
})

/** A load balancer gives each node its own ports to every destination; a NAT gateway limits one destination for all. */
function hotspot({ before, after, nodes }: Snat): Finding[] {
  if (before.path !== 'loadBalancer' || after.path !== 'natGateway') return []
  if (before.portsPerNode === null || after.addresses === null) return []
  const facts = { before: before.portsPerNode * nodes.peak, after: PER_DESTINATION * after.addresses }
  return SNAT_DEST_HOTSPOT.when(facts.after < facts.before, facts)
}
