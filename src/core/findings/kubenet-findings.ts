import { entry, listed } from './entry.ts'

/** kubenet's route table under userDefinedRouting. Source: rulebook 8. */
export const KUBENET_FINDINGS = {
  KUBENET_UDR_IDENTITY: entry({
    severity: 'blocker',
    message: () =>
      'kubenet with a route table of your own needs a user-assigned identity, and the cluster has a system-assigned one.',
    remedy: () => 'Give the cluster a user-assigned identity with rights on the route table first.',
    confidence: 'documented',
    source: 'limit-egress-traffic (FW); configure-kubenet (KN)',
  }),
  KUBENET_ALL_SUBNETS: entry<{ routeTables: string[]; bareSubnets: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `kubenet wants one route table for all subnets of the cluster, and there ${f.routeTables.length === 1 ? 'is' : 'are'} ${listed(f.routeTables)}${f.bareSubnets.length === 0 ? '' : `, with none on ${listed(f.bareSubnets)}`}.`,
    remedy: () => 'Attach the same route table to every subnet that the pools use.',
    confidence: 'documented',
    source: 'configure-kubenet (KN); SubnetMissingRouteTableAssociation, TooManyCustomRouteTables (RPERR)',
  }),
  KUBENET_AKS_OWNED_TABLE: entry<{ routeTable: string; isLocked: boolean }>({
    severity: 'warning',
    message: (f) =>
      `The route table ${f.routeTable} was made by AKS for kubenet and lies in the node resource group${f.isLocked ? ', which is locked: nobody can add a default route there' : '; whether a default route of your own in it is supported is not documented'}.`,
    remedy: () =>
      'Move to Azure CNI Overlay, which needs no route table of its own, or ask Azure support before the change.',
    confidence: 'inferred',
    source: 'configure-kubenet (KN)',
  }),
  UDR_SHARED_TABLE: entry<{ routeTable: string; subnets: string[] }>({
    severity: 'warning',
    message: (f) =>
      `The route table ${f.routeTable} is also on ${listed(f.subnets)}; if another kubenet cluster lives there, the two write over each other's routes.`,
    remedy: () => 'Make sure that no other kubenet cluster uses the table.',
    confidence: 'documented',
    source: 'configure-kubenet (KN)',
  }),
  UDR_ROUTE_CAPACITY: entry<{ routeTable: string; own: number; nodes: number; limit: number }>({
    severity: 'blocker',
    message: (f) =>
      `kubenet needs a route for each node: ${f.own} routes of your own and ${f.nodes} nodes at the peak are more than the ${f.limit} that ${f.routeTable} can hold.`,
    remedy: () =>
      'Lower the largest size of the pools or their surge, merge routes, or move to Azure CNI Overlay.',
    confidence: 'documented',
    source: 'configure-kubenet (KN); azure-virtual-network-limits (LIM)',
  }),
  ROUTE_TABLE_OTHER_SUB: entry<{ routeTable: string; subscriptionId: string }>({
    severity: 'blocker',
    message: (f) =>
      `The route table ${f.routeTable} lies in the subscription ${f.subscriptionId}; with kubenet it must lie in the cluster's own.`,
    remedy: () => 'Use a route table in the subscription of the cluster.',
    confidence: 'observed',
    source: 'CustomRouteTableCannotCrossSubscription (RPERR)',
  }),
}
