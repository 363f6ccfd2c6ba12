import type { OutboundType } from '../../contract/outbound-type.ts'
import { equalsArm } from '../arm/words.ts'
import { agree, groupedClauses, listed, listedAs, listedCode, named, these } from '../lib/text.ts'
import { AKS_SDK, documented, inferred } from '../references/references.ts'
import { canUpgradeNodeImage, countNodes, poolNames } from '../snapshot/agent-pools.ts'
import { type Check, rule } from './rule.ts'

export const POOL_NOT_SUCCEEDED = rule<{ pools: { name: string; provisioningState: string }[] }>(
  'POOL_NOT_SUCCEEDED',
  {
    severity: 'blocker',
    message: (f) =>
      `An update of the cluster would fail, because ${listed(
        groupedClauses(
          f.pools,
          'name',
          'provisioningState',
          (names, state) => `the provisioning state of ${named('node pool', names)} is \`${state}\``,
        ),
      )}.`,
    remedy: (f) =>
      `If an operation runs on ${these('node pool', f.pools)}, wait until it ends. If the last operation failed, fix the cause of the failure and repeat the operation. Create a new plan when the provisioning state of every node pool is \`Succeeded\`: an update of the cluster reconciles all node pools.`,
    source: inferred('Azure/AKS issue 5634'),
  },
)

export const POOL_TYPE_NOT_VMSS = rule<{ pools: string[] }>('POOL_TYPE_NOT_VMSS', {
  severity: 'blocker',
  message: (f) =>
    `Outbound types require virtual machine scale sets, but ${named('node pool', f.pools)} use${agree(f.pools, 's', '')} availability sets.`,
  remedy: (f) =>
    `Replace ${these('node pool', f.pools)} with ${agree(f.pools, 'a node pool that uses', 'node pools that use')} scale sets. Azure has retired availability sets in AKS.`,
  source: documented('egress-outboundtype', 'upgrade-basic-load-balancer-on-aks'),
})

export const POOL_TYPE_VIRTUALMACHINES = rule<{ pools: string[] }>('POOL_TYPE_VIRTUALMACHINES', {
  severity: 'warning',
  message: (f) =>
    `It is unclear whether AKS supports this change for ${named('node pool', f.pools)} of the type \`VirtualMachines\`, because the documentation describes this change only for scale sets.`,
  remedy: 'Test the change on a cluster with such a node pool first.',
  source: documented('egress-outboundtype', 'configure-static-egress-gateway'),
})

export const NODE_COUNT_UNKNOWN = rule<{ pools: string[] }>('NODE_COUNT_UNKNOWN', {
  severity: 'warning',
  message: (f) =>
    `The plan does not check whether SNAT ports and route tables are sufficient for ${named('node pool', f.pools)}, because Azure Resource Manager does not show how many nodes ${agree(f.pools, 'this node pool has', 'these node pools have')}.`,
  remedy: (f) =>
    `Count the nodes of ${these('node pool', f.pools)} with \`kubectl get nodes\`. Check that the outbound addresses have enough SNAT ports for all nodes. With kubenet, also check that the route table has at most 400 routes: each node adds one route.`,
  source: documented(AKS_SDK),
})

export const NODE_IMAGES_NOT_UPGRADED = rule<{ pools: string[] }>('NODE_IMAGES_NOT_UPGRADED', {
  severity: 'warning',
  message: (f) =>
    `This plan does not upgrade the node images of ${named('node pool', f.pools)}, because the upgrade is documented only for scale sets.`,
  remedy: (f) => `Upgrade or replace the nodes of ${these('node pool', f.pools)} yourself after the change.`,
  source: documented('upgrade-node-image'),
})

/** Node pools must be ready, and must be scale sets. */
export const checkNodePools: Check = ({ snapshot: { cluster }, isInEffect, request, from, to }) => {
  // A pool that shows no state is ready: its last operation has succeeded (async-operations).
  const unready = cluster.agentPools.flatMap(({ name, provisioningState }) =>
    provisioningState === null || equalsArm(provisioningState, 'Succeeded')
      ? []
      : [{ name, provisioningState }],
  )
  // A stopped or failed cluster shows the same state on every node pool, and CLUSTER_NOT_SUCCEEDED reports it.
  const state = POOL_NOT_SUCCEEDED.when(
    unready.length > 0 && equalsArm(cluster.provisioningState, 'Succeeded') && request.reconcile !== true,
    {
      pools: unready,
    },
  )
  const ofType = (type: string) => poolNames(cluster, (pool) => equalsArm(pool.type, type))
  if (isInEffect) return state
  return [
    ...state,
    ...POOL_TYPE_NOT_VMSS.ifAny({ pools: ofType('availabilityset') }),
    ...POOL_TYPE_VIRTUALMACHINES.ifAny({ pools: ofType('virtualmachines') }),
    ...NODE_COUNT_UNKNOWN.ifAny({ pools: countNodes(cluster.agentPools).unknownPools }),
    ...(request.upgradeNodeImages === true && from !== to
      ? NODE_IMAGES_NOT_UPGRADED.ifAny({ pools: poolNames(cluster, (pool) => !canUpgradeNodeImage(pool)) })
      : []),
  ]
}

/** Targets for which Windows node pools may disable OutboundNAT (nat-gateway; AKS release notes 2023-09-03). */
const WITHOUT_OUTBOUND_NAT: OutboundType[] = [
  'managedNATGateway',
  'userAssignedNATGateway',
  'userDefinedRouting',
]

export const WINDOWS_OUTBOUNDNAT_NODEPIP = rule<{ pools: string[] }>('WINDOWS_OUTBOUNDNAT_NODEPIP', {
  severity: 'blocker',
  message: (f) =>
    `The ${listedAs('Windows node pool', f.pools)} use${agree(f.pools, 's', '')} an unsupported combination: node public IPs, and OutboundNAT that is disabled.`,
  remedy: (f) =>
    `Replace ${these('node pool', f.pools)} with ${agree(f.pools, 'a node pool that uses', 'node pools that use')} only one of the two settings.`,
  source: documented(AKS_SDK),
})

export const WINDOWS_OUTBOUNDNAT_UDR = rule<{ pools: string[] }>('WINDOWS_OUTBOUNDNAT_UDR', {
  severity: 'warning',
  message: (f) =>
    `It is unclear whether AKS supports the outbound type \`userDefinedRouting\` for Windows node pools with disabled OutboundNAT (${listedCode(f.pools)}): the documentation allows this combination, but the API description allows only a NAT gateway.`,
  remedy: 'Test the change on a cluster with such a node pool first.',
  source: documented('nat-gateway', 'AKS release notes 2023-09-03', { text: `contradicted by ${AKS_SDK}` }),
})

export const WINDOWS_NEW_OPTION = rule<{ pools: string[] }>('WINDOWS_NEW_OPTION', {
  severity: 'info',
  message: (f) =>
    `With this target, new Windows node pools can disable OutboundNAT, but ${named('existing node pool', f.pools)} cannot.`,
  remedy: 'If you need this setting, add new Windows node pools with OutboundNAT disabled.',
  source: documented('nat-gateway'),
})

/** OutboundNAT of Windows node pools; LB_WINDOWS_OUTBOUNDNAT_DISABLED covers the target loadBalancer. */
export const checkWindowsPools: Check = ({ snapshot: { cluster }, from, to, target }) => {
  if (from === to) return []
  const windows = cluster.agentPools.filter((pool) => equalsArm(pool.osType, 'Windows'))
  const disabled = windows.filter((pool) => pool.disableOutboundNat === true)
  const names = (pools: typeof windows) => pools.map((pool) => pool.name)
  const usual = windows.filter((pool) => pool.disableOutboundNat !== true)
  const becomesPossible = from === 'loadBalancer' && WITHOUT_OUTBOUND_NAT.includes(target.outboundType)
  return [
    ...WINDOWS_OUTBOUNDNAT_NODEPIP.ifAny({
      pools: names(disabled.filter((pool) => pool.enableNodePublicIP)),
    }),
    ...(to === 'userDefinedRouting' ? WINDOWS_OUTBOUNDNAT_UDR.ifAny({ pools: names(disabled) }) : []),
    ...(becomesPossible ? WINDOWS_NEW_OPTION.ifAny({ pools: names(usual) }) : []),
  ]
}
