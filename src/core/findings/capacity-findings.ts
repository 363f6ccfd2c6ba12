import { entry } from './entry.ts'

/** How much the new egress carries, and how it treats connections. Source: rulebook 7. */
export const CAPACITY_FINDINGS = {
  SNAT_NAT_SIZING: entry<{ nodesAtPeak: number; addresses: number }>({
    severity: 'warning',
    message: (f) =>
      `The cluster has ${f.nodesAtPeak} nodes at peak and its NAT gateway ${f.addresses === 1 ? 'one address' : 'no address'}; large clusters should have two or more.`,
    remedy: () => 'Give the gateway a second address; each carries 64,512 flows to one destination.',
    confidence: 'documented',
    source: 'best-practices-performance-scale-large (BIG); NG',
  }),
  SNAT_LB_LARGE: entry<{ nodesAtPeak: number; addresses: number }>({
    severity: 'warning',
    message: (f) =>
      `The cluster has ${f.nodesAtPeak} nodes at peak and its load balancer ${f.addresses === 1 ? 'one outbound address' : 'no outbound address'}; large clusters should have two or more.`,
    remedy: () => 'Ask for a second outbound address, or for a NAT gateway.',
    confidence: 'documented',
    source: 'best-practices-performance-scale-large (BIG)',
  }),
  SNAT_DEST_HOTSPOT: entry<{ before: number; after: number }>({
    severity: 'info',
    message: (f) =>
      `All nodes together can have ${f.after} connections to one destination at a time by the NAT gateway; the load balancer allowed ${f.before}.`,
    remedy: () => 'Add addresses if many nodes talk to one destination, such as one database.',
    confidence: 'documented',
    source: 'nat-sku (NSKU)',
  }),
  TCP_RESET_SEMANTICS: entry({
    severity: 'info',
    message: () =>
      'A NAT gateway tells of an idle connection only when its next packet comes, where the load balancer of AKS resets it at the time-out; it carries no fragments, and ICMP only on StandardV2.',
    remedy: () => 'Use TCP keep-alives, and expect ping and fragmented UDP not to work.',
    confidence: 'documented',
    source: 'LB2; nat-gateway-resource (NRES); NSKU',
  }),
}
