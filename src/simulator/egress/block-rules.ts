import { type JsonObject, objectsAt, textAt, withProperties } from '../json.ts'
import type { World } from '../world/world.ts'
import { ensureManagedNetwork, managedSecurityGroupId } from './managed-network.ts'

/** The rule's name is inferred; that AKS writes security rules is documented (rulebook section 4, B). */
const RULE = 'aks-block-outbound-internet'

/** Writes the rule that denies traffic to the internet, for outbound type `block`. */
export function enterBlock(world: World, cluster: JsonObject): void {
  ensureManagedNetwork(world, cluster)
  const id = managedSecurityGroupId(cluster)
  writeRules(world, id, [
    ...otherRules(world, id),
    {
      name: RULE,
      id: `${id}/securityRules/${RULE}`,
      properties: {
        provisioningState: 'Succeeded',
        protocol: '*',
        sourcePortRange: '*',
        destinationPortRange: '*',
        sourceAddressPrefix: '*',
        destinationAddressPrefix: 'Internet',
        access: 'Deny',
        priority: 4000,
        direction: 'Outbound',
      },
      type: 'Microsoft.Network/networkSecurityGroups/securityRules',
    },
  ])
}

/** Takes the rule away again (inferred). */
export function leaveBlock(world: World, cluster: JsonObject): void {
  const id = managedSecurityGroupId(cluster)
  writeRules(world, id, otherRules(world, id))
}

function otherRules(world: World, id: string): JsonObject[] {
  return objectsAt(world.get(id), 'properties', 'securityRules').filter(
    (rule) => textAt(rule, 'name') !== RULE,
  )
}

function writeRules(world: World, id: string, rules: JsonObject[]): void {
  const group = world.get(id)
  if (group !== undefined)
    world.put({ ...withProperties(group, { securityRules: rules }), etag: `W/"${world.nextGuid()}"` })
}
