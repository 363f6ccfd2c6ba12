/** Where the demo fleet lives (issue 2, part 5). */
export const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111'
export const GROUP = 'rg-demo'
export const LOCATION = 'eastus'
export const TENANT = '22222222-2222-2222-2222-222222222222'

/** The id of a network resource in the demo resource group. */
export function networkId(type: string, name: string): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.Network/${type}/${name}`
}

/** The id of a demo cluster, with the small `resourcegroups` that AKS shows. */
export function clusterId(name: string): string {
  return `/subscriptions/${SUBSCRIPTION}/resourcegroups/${GROUP}/providers/Microsoft.ContainerService/managedClusters/${name}`
}
