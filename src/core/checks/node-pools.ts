import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import type { Check } from './check.ts'

/** Pools must be ready, and scale sets (rulebook POOL_*). */
export const nodePools: Check = ({ snapshot: { cluster }, isNoChange }) => {
  const findings: Finding[] = []
  const unready = cluster.agentPools
    .filter((pool) => pool.provisioningState !== 'Succeeded')
    .map(({ name, provisioningState }) => ({ name, provisioningState }))
  // A stopped or failed cluster shows the same on every pool; said once is enough.
  if (unready.length > 0 && cluster.provisioningState === 'Succeeded')
    findings.push(finding('POOL_NOT_SUCCEEDED', { pools: unready }))
  if (isNoChange) return findings
  const ofType = (type: string) =>
    cluster.agentPools.filter((pool) => pool.type.toLowerCase() === type).map((pool) => pool.name)
  if (ofType('availabilityset').length > 0)
    findings.push(finding('POOL_TYPE_NOT_VMSS', { pools: ofType('availabilityset') }))
  if (ofType('virtualmachines').length > 0)
    findings.push(finding('POOL_TYPE_VIRTUALMACHINES', { pools: ofType('virtualmachines') }))
  return findings
}
