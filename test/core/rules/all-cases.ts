import { CASES as addressChanges } from './address-changes-cases.ts'
import { CASES as apiServerClients } from './api-server-clients-cases.ts'
import { CASES as authorizedRanges } from './authorized-ranges-cases.ts'
import { CASES as cleanup } from './cleanup-cases.ts'
import { CASES as clusterFeatures } from './cluster-features-cases.ts'
import { CASES as clusterState } from './cluster-state-cases.ts'
import { CASES as customerAddresses } from './customer-addresses-cases.ts'
import { CASES as egressExceptions } from './egress-exceptions-cases.ts'
import { CASES as firewallPath } from './firewall-path-cases.ts'
import { CASES as iacManaged } from './iac-managed-cases.ts'
import { CASES as idleTimeout } from './idle-timeout-cases.ts'
import { CASES as isolation } from './isolation-cases.ts'
import { CASES as kubenetRoutes } from './kubenet-routes-cases.ts'
import { CASES as leftovers } from './leftovers-cases.ts'
import { CASES as loadBalancer } from './load-balancer-cases.ts'
import { CASES as managedNatGateway } from './managed-nat-gateway-cases.ts'
import { CASES as manualChecks } from './manual-checks-cases.ts'
import { CASES as missingGateway } from './missing-gateway-cases.ts'
import { CASES as nameResolution } from './name-resolution-cases.ts'
import { CASES as networkState } from './network-state-cases.ts'
import { CASES as nodeEgress } from './node-egress-cases.ts'
import { CASES as nodePools } from './node-pools-cases.ts'
import { CASES as partnerAllowLists } from './partner-allow-lists-cases.ts'
import { CASES as preflight } from './preflight-cases.ts'
import { CASES as preparation } from './preparation-cases.ts'
import { CASES as reconcile } from './reconcile-cases.ts'
import { CASES as routing } from './routing-cases.ts'
import { CASES as securityGroups } from './security-groups-cases.ts'
import { CASES as snatCapacity } from './snat-capacity-cases.ts'
import { CASES as snatDemand } from './snat-demand-cases.ts'
import { CASES as staticGateway } from './static-gateway-cases.ts'
import { CASES as transition } from './transition-cases.ts'
import { CASES as userNatGatewayAddresses } from './user-nat-gateway-addresses-cases.ts'
import { CASES as userNatGateway } from './user-nat-gateway-cases.ts'

/** For each code, a snapshot and a request whose plan reports it. */
export const ALL_CASES = Object.entries({
  ...clusterState,
  ...reconcile,
  ...nodePools,
  ...clusterFeatures,
  ...staticGateway,
  ...iacManaged,
  ...nodeEgress,
  ...transition,
  ...isolation,
  ...loadBalancer,
  ...managedNatGateway,
  ...userNatGateway,
  ...userNatGatewayAddresses,
  ...customerAddresses,
  ...addressChanges,
  ...idleTimeout,
  ...snatCapacity,
  ...snatDemand,
  ...authorizedRanges,
  ...apiServerClients,
  ...partnerAllowLists,
  ...routing,
  ...missingGateway,
  ...kubenetRoutes,
  ...securityGroups,
  ...egressExceptions,
  ...firewallPath,
  ...networkState,
  ...nameResolution,
  ...preflight,
  ...preparation,
  ...cleanup,
  ...leftovers,
  ...manualChecks,
})
