import type { OutboundType } from './outbound-type.ts'
import type { Snapshot } from './snapshot.ts'

/** The profile that the declared type leaves by; null for types that have none, or where ARM shows none. */
export function declaredProfile({ cluster }: Snapshot, declared: OutboundType | null) {
  if (declared === 'loadBalancer') return cluster.loadBalancerProfile
  return declared === 'managedNATGateway' ? cluster.natGatewayProfile : null
}
