import { entry, listed } from './entry.ts'

/** The API server's authorized ranges. Source: rulebook 6. */
export const RANGE_FINDINGS = {
  AUTHORIZED_NOT_APPLICABLE: entry({
    severity: 'info',
    message: () => 'Authorized ranges do not apply: the cluster is private.',
    remedy: () => 'Nothing to do.',
    confidence: 'documented',
    source: 'api-server-authorized-ip-ranges (AR); PC',
  }),
  AUTHORIZED_VNETINT_NODES_PRIVATE: entry({
    severity: 'info',
    message: () =>
      'Nodes reach the API server inside the VNet, so they do not depend on the authorized ranges; tools that come in by the egress addresses still do.',
    remedy: () => 'Add the new egress addresses by hand if workloads or pipelines use the public endpoint.',
    confidence: 'inferred',
    source: 'api-server-vnet-integration (VI)',
  }),
  AUTHORIZED_RANGES_WIDENED: entry<{ missing: string[] }>({
    severity: 'warning',
    message: (f) =>
      `The API server does not admit ${listed(f.missing)} yet, and nodes that come from there would lose it. The plan adds what is missing first and waits until it is in force.`,
    remedy: () =>
      'Nothing to do if the plan is executed here; otherwise add the missing ranges before the switch.',
    confidence: 'documented',
    source: 'EO; AR',
  }),
  AUTHORIZED_RANGES_MISS_NEW_EGRESS: entry<{ missing: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `The API server does not admit ${listed(f.missing)}: nodes would be locked out, and the request keeps the ranges as they are.`,
    remedy: (f) =>
      `Add ${listed(f.missing)} to the authorized ranges and plan again, or ask with authorizedRanges "widen".`,
    confidence: 'documented',
    source: 'EO; AR; azure-docs issue 111834',
  }),
  AUTHORIZED_RANGES_TARGET_UNKNOWABLE: entry<{ count: number; added: boolean }>({
    severity: 'acknowledge',
    message: (f) =>
      `The API server admits only listed ranges, and ${f.count} new egress address${f.count === 1 ? ' does' : 'es do'} not exist before the change: nodes are cut off from the API server until the new addresses are listed.`,
    remedy: (f) =>
      f.added
        ? 'The plan lists the new addresses as soon as they exist. To avoid the gap use own addresses, or API Server VNet Integration first.'
        : 'List the new addresses as soon as they exist, or use own addresses, or ask with authorizedRanges "widen".',
    confidence: 'documented',
    source: 'AR; EO; BLOG',
  }),
  AUTHORIZED_EGRESS_NOT_IN_ARM: entry({
    severity: 'acknowledge',
    message: () =>
      'The API server admits only listed ranges, and the new egress leaves by addresses that ARM does not show: whether nodes keep the API server cannot be proven.',
    remedy: () =>
      'Make sure that every public address of the appliance is in the authorized ranges before the change.',
    confidence: 'documented',
    source: 'AR; limit-egress-traffic (FW)',
  }),
  AUTHORIZED_ZERO_PLACEHOLDER: entry<{ target: string }>({
    severity: 'blocker',
    message: (f) =>
      `The authorized ranges hold 0.0.0.0/32, which admits only the load balancer's own address; with ${f.target} it admits nobody.`,
    remedy: () => 'Replace 0.0.0.0/32 by explicit ranges first.',
    confidence: 'inferred',
    source: 'AR',
  }),
  AUTHORIZED_AUTO_ADD_IS_LB_ONLY: entry({
    severity: 'warning',
    message: () =>
      "AKS admits the load balancer's own address without listing it; nothing similar is documented for the other outbound types.",
    remedy: () => 'List every new egress address explicitly.',
    confidence: 'documented',
    source: 'AR; azure-docs issue 111834',
  }),
  AUTHORIZED_NODE_PIP: entry<{ pools: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `Nodes of ${listed(f.pools)} leave by public IPs of their own that come from no prefix: nobody can list them before they exist, and the API server admits only what is listed.`,
    remedy: () => 'Replace these pools by ones whose addresses come from a prefix, and list that prefix.',
    confidence: 'documented',
    source: 'AR; KARP',
  }),
  AUTHORIZED_SELF_LOCKOUT: entry<{ former: string[]; notAdmitted: string[]; notKnownYet: boolean }>({
    severity: 'warning',
    message: (f) =>
      `Whatever reaches this API server by the cluster's own egress (pipelines and tools inside, clusters that share it) comes from ${listed(f.former)} now, and afterwards from addresses that are not admitted${f.notAdmitted.length > 0 ? `: ${listed(f.notAdmitted)}` : ' yet'}.`,
    remedy: (f) =>
      `List the new addresses ${f.notKnownYet ? 'as soon as they are known' : 'before the change'}, and run what executes this change from elsewhere.`,
    confidence: 'inferred',
    source: 'AR',
  }),
  AUTHORIZED_VIRTUAL_NODES: entry({
    severity: 'warning',
    message: () => 'Virtual nodes and authorized ranges are both on, a combination that is not supported.',
    remedy: () => 'Switch one of the two off; pods on virtual nodes may lose the API server at any time.',
    confidence: 'documented',
    source: 'virtual-nodes (VN)',
  }),
  AUTHORIZED_LIMIT: entry<{ count: number; limit: number }>({
    severity: 'blocker',
    message: (f) =>
      `With the new addresses the authorized ranges would have ${f.count} entries; ${f.limit} are allowed.`,
    remedy: () => 'Merge ranges, or use a prefix for the new addresses.',
    confidence: 'documented',
    source: 'AR',
  }),
  AUTHORIZED_CIDR_FORM: entry<{ ranges: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `Authorized ranges whose address is not the first of its block: ${listed(f.ranges)}. A write of the list would be refused.`,
    remedy: () => 'Use the network address of each block.',
    confidence: 'documented',
    source: 'AR',
  }),
  AUTHORIZED_SERVICE_TAG: entry<{ tags: string[] }>({
    severity: 'info',
    message: (f) =>
      `The authorized ranges hold ${f.tags.length === 1 ? 'a service tag' : 'service tags'} (${listed(f.tags)}), kept as they are; what a tag contains is not looked into.`,
    remedy: () => 'Nothing to do.',
    confidence: 'documented',
    source: 'api-server-service-tags (ST)',
  }),
}
