import { idOf } from '../http/arm-path.ts'
import type { ArmHandler, ArmRequest } from '../http/arm-request.ts'
import { type JsonObject, objectAt, textAt } from '../json.ts'
import type { World } from '../world/world.ts'
import { networkWriteHeaders, startNetworkOperation } from './network-operation.ts'
import { parentOf } from './read-network.ts'
import { sentBody } from './write-network.ts'

const TYPE = 'microsoft.network/firewallpolicies/rulecollectiongroups'

/** List of the rule collection groups of a firewall policy, oldest first and not by priority. */
export const listRuleCollectionGroups: ArmHandler = (world, request) => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: { value: groupsOf(world, request) },
})

/** PUT of a group: 201 or 200, done with the operation; its policy must be there. */
export const putRuleCollectionGroup: ArmHandler = (world, request) => {
  const policy = parentOf(world, request)
  const id = idOf(request.path)
  const isNew = world.get(id) === undefined
  const sent = sentBody(request)
  world.put(
    groupBody(world, id, {
      priority: 100,
      ruleCollections: [],
      ...objectAt(sent, 'properties'),
      provisioningState: 'Updating',
    }),
  )
  const operation = startNetworkOperation(world, request, {
    kind: isNew ? 'create' : 'update',
    resourceId: id,
    location: textAt(policy, 'location') ?? '',
  })
  return {
    status: isNew ? 201 : 200,
    headers: networkWriteHeaders(request, operation),
    body: world.get(id) ?? null,
  }
}

/** The body of a group, in the order of the public examples. */
export function groupBody(world: World, id: string, properties: JsonObject): JsonObject {
  return {
    name: id.split('/').at(-1),
    id,
    etag: `W/"${world.nextGuid()}"`,
    type: 'Microsoft.Network/FirewallPolicies/RuleCollectionGroups',
    properties,
  }
}

function groupsOf(world: World, request: ArmRequest): JsonObject[] {
  const prefix = `${textAt(parentOf(world, request), 'id')}/`.toLowerCase()
  return world.list(TYPE).filter((group) => textAt(group, 'id')?.toLowerCase().startsWith(prefix))
}
