import type { Snat } from '../../contract/egress.ts'
import type { Finding } from '../../contract/finding.ts'
import { assessSnat } from '../plan/snat.ts'
import { type Check, rule } from './rule.ts'

/** From here on a cluster counts as large, and one address as too few (best-practices-performance-scale-large). */
const LARGE_CLUSTER_NODES = 1000

/** Concurrent connections of one NAT gateway address to one destination (nat-sku). */
const PER_DESTINATION = 50_000

/** Fewer source ports for a node than before is how connections start to fail days later. */
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
  confidence: 'documented',
  source: 'LB2; LBO; NRES; NG',
})

function drop({ before, after, nodes, suggestedIpCount }: Snat): Finding[] {
  if (before.portsPerNode === null || after.portsPerNode === null) return []
  // Without a way out there is nothing to exhaust; ISO_WORKLOADS_LOSE_INTERNET says it.
  if (after.path === 'none' || after.portsPerNode >= before.portsPerNode) return []
  return [
    SNAT_DROPS.finding({
      before: before.portsPerNode,
      after: after.portsPerNode,
      nodesAtPeak: nodes.peak,
      suggestedIpCount,
    }),
  ]
}

export const SNAT_NAT_SIZING = rule<{ nodesAtPeak: number; addresses: number }>('SNAT_NAT_SIZING', {
  severity: 'warning',
  message: (f) =>
    `The cluster has ${f.nodesAtPeak} nodes at peak and its NAT gateway ${f.addresses === 1 ? 'one address' : 'no address'}; large clusters should have two or more.`,
  remedy: () => 'Give the gateway a second address; each carries 64,512 flows to one destination.',
  confidence: 'documented',
  source: 'best-practices-performance-scale-large (BIG); NG',
})

export const SNAT_LB_LARGE = rule<{ nodesAtPeak: number; addresses: number }>('SNAT_LB_LARGE', {
  severity: 'warning',
  message: (f) =>
    `The cluster has ${f.nodesAtPeak} nodes at peak and its load balancer ${f.addresses === 1 ? 'one outbound address' : 'no outbound address'}; large clusters should have two or more.`,
  remedy: () => 'Ask for a second outbound address, or for a NAT gateway.',
  confidence: 'documented',
  source: 'best-practices-performance-scale-large (BIG)',
})

function tooFew({ after, nodes }: Snat): Finding[] {
  if (nodes.peak <= LARGE_CLUSTER_NODES || after.addresses === null || after.addresses >= 2) return []
  const facts = { nodesAtPeak: nodes.peak, addresses: after.addresses }
  if (after.path === 'natGateway') return [SNAT_NAT_SIZING.finding(facts)]
  return after.path === 'loadBalancer' ? [SNAT_LB_LARGE.finding(facts)] : []
}

export const SNAT_DEST_HOTSPOT = rule<{ before: number; after: number }>('SNAT_DEST_HOTSPOT', {
  severity: 'info',
  message: (f) =>
    `All nodes together can have ${f.after} connections to one destination at a time by the NAT gateway; the load balancer allowed ${f.before}.`,
  remedy: () => 'Add addresses if many nodes talk to one destination, such as one database.',
  confidence: 'documented',
  source: 'nat-sku (NSKU)',
})

/** A load balancer gives each node ports of its own to every destination; a NAT gateway caps one destination for all. */
function hotspot({ before, after, nodes }: Snat): Finding[] {
  if (before.path !== 'loadBalancer' || after.path !== 'natGateway') return []
  if (before.portsPerNode === null || after.addresses === null) return []
  const [had, has] = [before.portsPerNode * nodes.peak, PER_DESTINATION * after.addresses]
  return has >= had ? [] : [SNAT_DEST_HOTSPOT.finding({ before: had, after: has })]
}
