import type { ResourceChange } from '../plan.ts'
import { nameOf } from '../resource-id.ts'

/** A change with the usual values filled in; `because` and `confidence` are always said. */
export function change(
  given: Pick<ResourceChange, 'action' | 'type' | 'because' | 'confidence'> & Partial<ResourceChange>,
): ResourceChange {
  const id = given.id ?? null
  return {
    action: given.action,
    type: given.type,
    id,
    name: given.name ?? (id === null ? null : nameOf(id)),
    owner: given.owner ?? 'aks',
    count: given.count ?? 1,
    knownAt: id === null ? 'apply' : 'plan',
    because: given.because,
    confidence: given.confidence,
    properties: given.properties ?? [],
  }
}

export const TYPES = {
  cluster: 'Microsoft.ContainerService/managedClusters',
  loadBalancer: 'Microsoft.Network/loadBalancers',
  natGateway: 'Microsoft.Network/natGateways',
  publicIp: 'Microsoft.Network/publicIPAddresses',
  publicIpPrefix: 'Microsoft.Network/publicIPPrefixes',
  routeTable: 'Microsoft.Network/routeTables',
  route: 'Microsoft.Network/routeTables/routes',
  networkSecurityGroup: 'Microsoft.Network/networkSecurityGroups',
  subnet: 'Microsoft.Network/virtualNetworks/subnets',
  registry: 'Microsoft.ContainerRegistry/registries',
} as const

/** The resource type that a public IP or prefix id names. */
export function addressType(id: string): string {
  return /\/publicIPPrefixes\//i.test(id) ? TYPES.publicIpPrefix : TYPES.publicIp
}
