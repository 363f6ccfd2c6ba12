import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import type { Snat } from '../plan-egress.ts'
import { snatOf } from '../snat.ts'
import type { Check } from './check.ts'

/** From here on a cluster counts as large, and one address as too few (BIG). */
const LARGE_CLUSTER_NODES = 1000

/** Concurrent connections of one NAT gateway address to one destination (NSKU). */
const PER_DESTINATION = 50_000

/** Fewer source ports for a node than before is how connections start to fail days later (rulebook 7; needs N16). */
export const snatCapacity: Check = (context) => {
  if (context.isNoChange) return []
  const snat = snatOf(context)
  return [...drop(snat), ...tooFew(snat), ...hotspot(snat)]
}

function drop({ before, after, nodes, suggestedIpCount }: Snat): Finding[] {
  if (before.portsPerNode === null || after.portsPerNode === null) return []
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

function tooFew({ after, nodes }: Snat): Finding[] {
  if (nodes.peak <= LARGE_CLUSTER_NODES || after.addresses === null || after.addresses >= 2) return []
  const facts = { nodesAtPeak: nodes.peak, addresses: after.addresses }
  if (after.path === 'natGateway') return [finding('SNAT_NAT_SIZING', facts)]
  return after.path === 'loadBalancer' ? [finding('SNAT_LB_LARGE', facts)] : []
}

/** A load balancer gives each node ports of its own to every destination; a NAT gateway caps one destination for all. */
function hotspot({ before, after, nodes }: Snat): Finding[] {
  if (before.path !== 'loadBalancer' || after.path !== 'natGateway') return []
  if (before.portsPerNode === null || after.addresses === null) return []
  const [had, has] = [before.portsPerNode * nodes.peak, PER_DESTINATION * after.addresses]
  return has >= had ? [] : [finding('SNAT_DEST_HOTSPOT', { before: had, after: has })]
}
