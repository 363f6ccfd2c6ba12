import type { AllowListFacts } from './allow-lists/facts.ts'
import type { FirewallPolicyFacts } from './firewall-rules.ts'
import type { Reading, RightsFacts } from './rights-facts.ts'

/**
 * What was read around the cluster for a plan, and not again for a freshness check: nothing of it decides
 * whether a plan still holds, and all of it together is far more than the cluster's own network.
 */
export interface Surroundings {
  rights: RightsFacts
  /** Whom Azure resources admit or turn away by address. */
  allowLists: AllowListFacts
  /** What AKS says that the nodes must reach; null where the plan has no use for it. */
  outboundDependencies: Reading<OutboundDependency[]> | null
  /** The policies of the firewalls behind the subnets' default routes and their base policies, by id in lower case. */
  firewallPolicies: Record<string, Reading<FirewallPolicyFacts>>
}

/** One endpoint of ARM's `outboundNetworkDependenciesEndpoints`. */
export interface OutboundDependency {
  /** Such as `azure-resource-management`, `images`, `apiserver`. */
  category: string
  /** A name, which may begin with `*.`, or an address. */
  destination: string
  port: number
  /** As ARM spells it: `Https`, `Http`, `TCP`, `UDP`. */
  protocol: string
}
