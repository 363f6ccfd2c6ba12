import { CLUSTER_NAME, type ClusterRef, RESOURCE_GROUP, SUBSCRIPTION_ID } from '../../contract/cluster.ts'
import { parseResourceId } from '../../core/arm/resource-id.ts'
import { equalsArm } from '../../core/arm/words.ts'

const NETWORK_NAME = '^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,78}[a-zA-Z0-9_])?$'
const CLUSTER_TYPE = 'Microsoft.ContainerService/managedClusters'

/** Whether the text is the ID of a resource of this type. Each part must follow the rules of ARM, which ignores letter case. */
export function isResourceIdOfType(type: string, text: string, namePattern = NETWORK_NAME): boolean {
  const id = parseResourceId(text)
  return (
    id !== null &&
    equalsArm(id.type, type) &&
    matches(SUBSCRIPTION_ID, id.subscriptionId) &&
    matches(RESOURCE_GROUP, id.resourceGroup) &&
    matches(namePattern, id.name)
  )
}

/** The cluster with this ID; null for any other text. */
export function parseClusterId(text: string): ClusterRef | null {
  const id = parseResourceId(text)
  if (id === null || !isResourceIdOfType(CLUSTER_TYPE, text, CLUSTER_NAME)) return null
  return { subscriptionId: id.subscriptionId, resourceGroup: id.resourceGroup, name: id.name }
}

export function clusterIdExpected(name: string): string {
  return `${name} must be the ARM id of a managed cluster: /subscriptions/…/resourceGroups/…/providers/${CLUSTER_TYPE}/….`
}

function matches(pattern: string, text: string): boolean {
  return new RegExp(pattern, 'u').test(text)
}
