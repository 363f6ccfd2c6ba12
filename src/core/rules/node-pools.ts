import type { OutboundType } from '../../contract/outbound-type.ts'
import { equalsArm } from '../arm/words.ts'
import { listed } from '../lib/text.ts'
import { AKS_SDK, documented, inferred } from '../references/references.ts'
import { poolNames } from '../snapshot/agent-pools.ts'
import { type Check, rule } from './rule.ts'

export const POOL_NOT_SUCCEEDED = rule<{ pools: { name: string; provisioningState: string }[] }>(
  'POOL_NOT_SUCCEEDED',
  {
    severity: 'blocker',
    message: (f) =>
      `Agent pools are not ready: ${listed(f.pools.map((pool) => `${pool.name} is ${pool.provisioningState}`))}.`,
    remedy: 'Mend the pools first: a change of egress reconciles every pool and fails with them.',
    source: inferred('Azure/AKS issue 5634'),
  },
)

export const POOL_TYPE_NOT_VMSS = rule<{ pools: string[] }>('POOL_TYPE_NOT_VMSS', {
  severity: 'blocker',
  message: (f) =>
    `Agent pools are availability sets: ${listed(f.pools)}. Outbound types need virtual machine scale sets.`,
  remedy: 'Replace these pools; availability sets are past their retirement.',
  source: documented('egress-outboundtype', 'upgrade-basic-load-balancer-on-aks'),
})

export const POOL_TYPE_VIRTUALMACHINES = rule<{ pools: string[] }>('POOL_TYPE_VIRTUALMACHINES', {
  severity: 'warning',
  message: (f) =>
    `Agent pools of type VirtualMachines: ${listed(f.pools)}. The documentation names only scale sets for this change.`,
  remedy: 'Try the change on a cluster with such a pool first.',
  source: documented('egress-outboundtype', 'configure-static-egress-gateway'),
})

/** Agent pools must be ready, and scale sets. */
export const checkNodePools: Check = ({ snapshot: { cluster }, isNoChange }) => {
  const unready = cluster.agentPools
    .filter((pool) => !equalsArm(pool.provisioningState, 'Succeeded'))
    .map(({ name, provisioningState }) => ({ name, provisioningState }))
  // A stopped or failed cluster shows the same state on every pool, and CLUSTER_NOT_SUCCEEDED reports it.
  const state = POOL_NOT_SUCCEEDED.when(
    unready.length > 0 && equalsArm(cluster.provisioningState, 'Succeeded'),
    {
      pools: unready,
    },
  )
  const ofType = (type: string) => poolNames(cluster, (pool) => equalsArm(pool.type, type))
  if (isNoChange) return state
  return [
    ...state,
    ...POOL_TYPE_NOT_VMSS.ifAny({ pools: ofType('availabilityset') }),
    ...POOL_TYPE_VIRTUALMACHINES.ifAny({ pools: ofType('virtualmachines') }),
  ]
}

/** Targets with which Windows pools may have OutboundNAT disabled (nat-gateway; AKS release notes 2023-09-03). */
const WITHOUT_OUTBOUND_NAT: OutboundType[] = [
  'managedNATGateway',
  'userAssignedNATGateway',
  'userDefinedRouting',
]

export const WINDOWS_OUTBOUNDNAT_NODEPIP = rule<{ pools: string[] }>('WINDOWS_OUTBOUNDNAT_NODEPIP', {
  severity: 'blocker',
  message: (f) =>
    `Windows pools have OutboundNAT disabled and public IPs on their nodes, which cannot be combined: ${listed(f.pools)}.`,
  remedy: 'Replace these pools by ones that have only one of the two.',
  source: documented(AKS_SDK),
})

export const WINDOWS_OUTBOUNDNAT_UDR = rule<{ pools: string[] }>('WINDOWS_OUTBOUNDNAT_UDR', {
  severity: 'warning',
  message: (f) =>
    `Windows pools have OutboundNAT disabled: ${listed(f.pools)}. The documentation allows that with userDefinedRouting, the description of the API only with a NAT gateway.`,
  remedy: 'Try the change on a cluster with such a pool first.',
  source: documented('nat-gateway', 'AKS release notes 2023-09-03', { text: `contradicted by ${AKS_SDK}` }),
})

export const WINDOWS_NEW_OPTION = rule<{ pools: string[] }>('WINDOWS_NEW_OPTION', {
  severity: 'info',
  message: (f) =>
    `With this target OutboundNAT can be disabled on Windows pools, but on new ones only, not on ${listed(f.pools)}.`,
  remedy: 'Add new Windows pools with OutboundNAT disabled where that is wanted.',
  source: documented('nat-gateway'),
})

/** Windows pools and their OutboundNAT; with loadBalancer see LB_WINDOWS_OUTBOUNDNAT_DISABLED. */
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
