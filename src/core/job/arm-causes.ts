/** What lies behind an error code of ARM or AKS, and what to do about it. */
export interface ArmCause {
  cause: string
  remedy: string
}

const NODES_WITHOUT_EGRESS: ArmCause = {
  cause: 'New nodes did not reach the endpoints that AKS needs.',
  remedy:
    'Look at the route, the NAT gateway and the firewall rules of the node subnets, then make a plan to the same target.',
}

const DIRTY_BALANCER: ArmCause = {
  cause:
    'An address or load balancer in the node resource group was made or altered by hand, or is still used.',
  remedy: 'Find what uses the resource that Azure names and free it, then make a plan to the same target.',
}

const SOMEBODY_ELSE: ArmCause = {
  cause: 'Another operation on the cluster came in between.',
  remedy: 'Wait until the cluster is at rest, then make a new plan.',
}

const ISOLATION: ArmCause = {
  cause: 'The outbound type and the artifact source of the cluster do not go together.',
  remedy: 'Change the artifact source of the cluster first, then make a new plan.',
}

/** Known codes, as met in public issues (needs, Appendix B). */
const CAUSES: Record<string, ArmCause> = {
  InvalidUserDefinedRoutingWithLoadBalancerProfile: {
    cause: 'The cluster still has a profile of another outbound type.',
    remedy: 'Report this as a fault of the planner, with the id of the plan.',
  },
  ManagedNATGatewayWithCustomVNetNotAllowed: {
    cause: 'AKS makes no NAT gateway in a virtual network that is not its own.',
    remedy: 'Plan for userAssignedNATGateway with a gateway of your own.',
  },
  RouteTableInvalidNextHop: {
    cause: 'The default route of the node subnets does not lead to an appliance.',
    remedy: 'Mend the next hop of the route 0.0.0.0/0, then make a new plan.',
  },
  InvalidNetworkIsolatedClusterConfiguration: ISOLATION,
  BootstrapArtifactSourceNotAllowed: ISOLATION,
  EtagMismatch: SOMEBODY_ELSE,
  OperationNotAllowed: SOMEBODY_ELSE,
  AKSOperationPreempted: SOMEBODY_ELSE,
  AKSOperationPreemptedByDelete: {
    cause: 'The cluster is being deleted.',
    remedy: 'Nothing can be done here.',
  },
  PublicIPAddressCannotBeDeleted: DIRTY_BALANCER,
  InvalidResourceReference: DIRTY_BALANCER,
  LoadBalancerProfileOutboundIPNotExist: DIRTY_BALANCER,
  VMExtensionProvisioningError: NODES_WITHOUT_EGRESS,
  CreateVMSSAgentPoolFailed: NODES_WITHOUT_EGRESS,
  LinkedAuthorizationFailed: {
    cause: 'The identity may change the cluster, but not a resource that the change refers to.',
    remedy: 'Grant it the right on the resource that Azure names, then make a new plan.',
  },
  ScopeLocked: {
    cause: 'A management lock forbids the change.',
    remedy: 'Have the lock lifted by whoever set it, then make a new plan.',
  },
  RequestDisallowedByPolicy: {
    cause: 'An Azure Policy forbids the change.',
    remedy: 'Ask for an exemption from the policy that Azure names, then make a new plan.',
  },
  PublicIPCountLimitReached: {
    cause: 'The subscription has no public addresses left in this region.',
    remedy: 'Free addresses or have the quota raised, then make a new plan.',
  },
}

/** What is known about a code; null for codes of which only ARM's own words tell. */
export function armCause(code: string): ArmCause | null {
  return Object.hasOwn(CAUSES, code) ? (CAUSES[code] ?? null) : null
}
