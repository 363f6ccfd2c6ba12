import { finding } from '../findings/catalogue.ts'
import type { OutboundType } from '../outbound-type.ts'
import type { Check } from './check.ts'

/** Targets with which Windows pools may have OutboundNAT disabled (NG; AKS release notes 2023-09-03). */
const WITHOUT_OUTBOUND_NAT: OutboundType[] = [
  'managedNATGateway',
  'userAssignedNATGateway',
  'userDefinedRouting',
]

/** Windows pools and their OutboundNAT; with loadBalancer see LB_WINDOWS_OUTBOUNDNAT_DISABLED (rulebook 9; needs N20). */
export const windowsPools: Check = ({ snapshot: { cluster }, from, to, target }) => {
  if (from === to) return []
  const windows = cluster.agentPools.filter((pool) => pool.osType.toLowerCase() === 'windows')
  const disabled = windows.filter((pool) => pool.disableOutboundNat === true)
  const names = (pools: typeof windows) => pools.map((pool) => pool.name)
  const withIps = disabled.filter((pool) => pool.enableNodePublicIP)
  const usual = windows.filter((pool) => pool.disableOutboundNat !== true)
  const becomesPossible = from === 'loadBalancer' && WITHOUT_OUTBOUND_NAT.includes(target.outboundType)
  return [
    ...(withIps.length > 0 ? [finding('WINDOWS_OUTBOUNDNAT_NODEPIP', { pools: names(withIps) })] : []),
    ...(disabled.length > 0 && to === 'userDefinedRouting'
      ? [finding('WINDOWS_OUTBOUNDNAT_UDR', { pools: names(disabled) })]
      : []),
    ...(usual.length > 0 && becomesPossible ? [finding('WINDOWS_NEW_OPTION', { pools: names(usual) })] : []),
  ]
}
