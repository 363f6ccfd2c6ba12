import { findSubnet, networkIdOf, putSubnet } from '../egress/subnet.ts'
import { ArmRefusal, networkError } from '../http/arm-error.ts'
import { idOf } from '../http/arm-path.ts'
import type { ArmHandler } from '../http/arm-request.ts'
import { type JsonObject, textAt } from '../json.ts'
import type { World } from '../world/world.ts'
import { subnetBody } from './network-body.ts'
import { networkDeleteHeaders, networkWriteHeaders, startNetworkOperation } from './network-operation.ts'
import { parentOf } from './read-network.ts'
import { requireMatch, sentBody } from './write-network.ts'

/** PUT of a subnet: 201 or 200. What the body leaves out (gateway, route table) is detached. */
export const putSubnetResource: ArmHandler = (world, request) => {
  const network = parentOf(world, request)
  const id = idOf(request.path)
  const current = findSubnet(world, id)
  requireMatch(request, current)
  requireIdleNetwork(world, id)
  const name = textAt(current, 'name') ?? request.path.names[1]
  const subnet = subnetBody(textAt(network, 'id') ?? '', { ...sentBody(request), name }, world)
  requireTargets(world, subnet)
  putSubnet(world, subnet)
  const operation = startNetworkOperation(world, request, {
    kind: current === undefined ? 'create' : 'update',
    resourceId: id,
    location: textAt(network, 'location') ?? '',
  })
  return {
    status: current === undefined ? 201 : 200,
    headers: networkWriteHeaders(request, operation),
    body: findSubnet(world, id) ?? null,
  }
}

/** DELETE of a subnet: 202, or 204 when there is none. */
export const deleteSubnet: ArmHandler = (world, request) => {
  const network = parentOf(world, request)
  const id = idOf(request.path)
  const subnet = findSubnet(world, id)
  if (subnet === undefined) return { status: 204 }
  requireMatch(request, subnet)
  requireIdleNetwork(world, id)
  const operation = startNetworkOperation(world, request, {
    kind: 'delete',
    resourceId: id,
    location: textAt(network, 'location') ?? '',
  })
  return { status: 202, headers: networkDeleteHeaders(request, operation) }
}

/** Writes to the subnets of one network are serial (rulebook 12, SUBNET_WRITE_SERIAL; that this is the code is inferred). */
function requireIdleNetwork(world: World, subnetId: string): void {
  const networkId = networkIdOf(subnetId)
  const isBusy =
    world.operationOn(networkId) !== undefined || world.operationsUnder(`${networkId}/subnets/`).length > 0
  if (!isBusy) return
  const message =
    'A retryable error occurred: another operation on this or a dependent resource is in progress.'
  throw new ArmRefusal(
    429,
    { error: { code: 'RetryableErrorDueToAnotherOperation', message, details: [] } },
    { 'content-type': 'application/json; charset=utf-8', 'retry-after': '10' },
  )
}

function requireTargets(world: World, subnet: JsonObject): void {
  for (const member of ['natGateway', 'routeTable', 'networkSecurityGroup']) {
    const id = textAt(subnet, 'properties', member, 'id')
    if (id !== undefined && world.get(id) === undefined)
      throw networkError(
        400,
        'InvalidResourceReference',
        `Resource ${id} referenced by resource ${subnet.id} was not found.`,
      )
  }
}
