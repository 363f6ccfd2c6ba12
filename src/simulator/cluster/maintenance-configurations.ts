import { gatewayError, resourceNotFound } from '../arm/arm-error.ts'
import { idOf } from '../arm/arm-path.ts'
import type { ArmHandler, ArmRequest } from '../arm/arm-request.ts'
import { isObject, type Json, type JsonObject, numberAt, objectAt, textAt } from '../lib/json.ts'
import type { World } from '../world/world.ts'
import { clusterOf, READ_HEADERS } from './read-clusters.ts'

const TYPE = 'Microsoft.ContainerService/managedClusters/maintenanceConfigurations'

/** The only names that AKS accepts (planned-maintenance). The code of the rejection is inferred. */
const NAMES = ['default', 'aksManagedAutoUpgradeSchedule', 'aksManagedNodeOSUpgradeSchedule']

/** List of a cluster's maintenance configurations. */
export const listMaintenanceConfigurations: ArmHandler = (world, request) => ({
  status: 200,
  headers: READ_HEADERS,
  body: { value: configurationsOf(world, clusterOf(world, request)) },
})

/** The maintenance configurations of a cluster, in the order of creation. */
export function configurationsOf(world: World, cluster: JsonObject): JsonObject[] {
  const prefix = `${textAt(cluster, 'id')}/`.toLowerCase()
  return world.list(TYPE.toLowerCase()).filter((body) => textAt(body, 'id')?.toLowerCase().startsWith(prefix))
}

/** GET of one maintenance configuration. */
export const getMaintenanceConfiguration: ArmHandler = (world, request) => {
  clusterOf(world, request)
  const body = world.get(idOf(request.path))
  if (body === undefined)
    throw resourceNotFound(TYPE, request.path.names.join('/'), request.path.resourceGroup ?? '')
  return { status: 200, headers: READ_HEADERS, body }
}

/** PUT of a maintenance configuration: 201 for a new one, 200 for a replaced one; it is not an operation of the cluster. */
export const putMaintenanceConfiguration: ArmHandler = (world, request) => {
  const cluster = clusterOf(world, request)
  const name = NAMES.find((known) => known.toLowerCase() === nameOf(request).toLowerCase())
  if (name === undefined)
    throw invalid(`The maintenance configuration name '${nameOf(request)}' is not valid.`)
  const sent = isObject(request.body) ? (objectAt(request.body, 'properties') ?? {}) : {}
  const window = objectAt(sent, 'maintenanceWindow')
  const hours = numberAt(window, 'durationHours') ?? 0
  if (window !== undefined && (hours < 4 || hours > 24)) throw invalid('durationHours must be 4 to 24.')
  if (window === undefined && name !== 'default') throw invalid(`'${name}' needs a maintenanceWindow.`)
  const isNew = world.get(idOf(request.path)) === undefined
  return {
    status: isNew ? 201 : 200,
    headers: READ_HEADERS,
    body: setConfiguration(world, cluster, name, sent),
  }
}

/** Stores a maintenance configuration as AKS shows it. */
export function setConfiguration(
  world: World,
  cluster: JsonObject,
  name: string,
  sent: JsonObject,
): JsonObject {
  const window = objectAt(sent, 'maintenanceWindow')
  const properties: JsonObject =
    window === undefined
      ? sent
      : { maintenanceWindow: { utcOffset: '+00:00', ...window } as Record<string, Json> }
  const body = {
    id: `${textAt(cluster, 'id')}/maintenanceConfigurations/${name}`,
    name,
    type: TYPE,
    properties,
  }
  world.put(body)
  return body
}

/** DELETE of a maintenance configuration. If it does not exist, that is no error. */
export const deleteMaintenanceConfiguration: ArmHandler = (world, request) => {
  clusterOf(world, request)
  const id = idOf(request.path)
  const status = world.get(id) === undefined ? 204 : 200
  world.remove(id)
  return { status, headers: READ_HEADERS }
}

function nameOf({ path }: ArmRequest): string {
  return path.names[1] ?? ''
}

function invalid(message: string) {
  return gatewayError(400, 'InvalidParameter', message)
}
