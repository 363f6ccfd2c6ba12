import { aksError, gatewayError } from '../http/arm-error.ts'
import { idOf } from '../http/arm-path.ts'
import type { ArmAnswer, ArmHandler, ArmRequest } from '../http/arm-request.ts'
import { isObject, type JsonObject, objectAt, textAt, withProperties } from '../json.ts'
import { clusterStopped, operationInProgress } from '../refusals/cluster-state.ts'
import { etagPrecondition } from '../refusals/etag-precondition.ts'
import { refuseChange } from '../refusals/refuse-change.ts'
import type { World } from '../world/world.ts'
import { clusterPlace, poolsOf } from './cluster-facts.ts'
import { newCluster } from './create-cluster.ts'
import { CREATE_SECONDS, updateSeconds } from './durations.ts'
import { locationOf, mergeCluster, withNewEtags, withProvisioningState } from './merge-cluster.ts'
import { asyncOperationHeader } from './operation-headers.ts'
import { renderCluster } from './render-cluster.ts'
import { networkProfileWhileUpdating, wantEgress } from './want-egress.ts'

/** PUT of a managed cluster: 201 and `Creating` for a new one, 200 and `Updating` for one that exists. */
export const putCluster: ArmHandler = (world, request) => {
  const id = idOf(request.path)
  if (!isObject(request.body) || textAt(request.body, 'location') === undefined)
    throw gatewayError(400, 'LocationRequired', 'The location property is required for this definition.')
  const current = world.get(id)
  const busy = current === undefined ? undefined : operationInProgress(world, current)
  const refused =
    busy ??
    etagPrecondition(current, request.ifMatch, request.ifNoneMatch) ??
    (current === undefined ? undefined : clusterStopped(current))
  if (refused !== undefined) throw refused
  return current === undefined
    ? create(world, request, request.body)
    : update(world, request, current, request.body)
}

function update(world: World, request: ArmRequest, current: JsonObject, body: JsonObject): ArmAnswer {
  if (locationOf(body) !== locationOf(current))
    throw gatewayError(
      409,
      'InvalidResourceLocation',
      `The resource '${clusterPlace(current).name}' already exists in location '${locationOf(current)}' in resource group '${clusterPlace(current).resourceGroup}'. A resource with the same name cannot be created in location '${locationOf(body)}'. Please select a new resource name.`,
    )
  const wanted = mergeCluster(current, body)
  const change = wantEgress(current, wanted, request.apiVersion)
  refuseChange({
    world,
    current,
    wanted,
    sent: objectAt(body, 'properties', 'networkProfile') ?? {},
    apiVersion: request.apiVersion,
    from: change.from,
    to: change.to,
  })
  change.ignored = request.faults.some((fault) => fault.kind === 'ignoreChange')
  const networkProfile = networkProfileWhileUpdating(wanted, change)
  const next = withNewEtags(
    withProvisioningState(withProperties(wanted, { networkProfile }), 'Updating'),
    () => world.nextGuid(),
  )
  world.put(next)
  const operation = world.start(
    {
      dialect: 'containerService',
      kind: 'update',
      subscription: clusterPlace(current).subscription,
      location: locationOf(current),
      resourceId: textAt(current, 'id') ?? '',
      durationSeconds: updateSeconds(change),
      effect: { kind: 'update-cluster', change },
    },
    request.faults,
  )
  return answer(world, request, 200, next, asyncOperationHeader(request, operation))
}

function create(world: World, request: ArmRequest, body: JsonObject): ArmAnswer {
  const { subscription, resourceGroup } = request.path
  if (world.get(`/subscriptions/${subscription}/resourceGroups/${resourceGroup}`) === undefined)
    throw gatewayError(404, 'ResourceGroupNotFound', `Resource group '${resourceGroup}' could not be found.`)
  if (objectAt(body, 'properties', 'agentPoolProfiles') === undefined && poolsOf(body).length === 0)
    throw aksError(
      400,
      'InvalidParameter',
      'The value of parameter agentPoolProfiles is invalid: at least one system pool is needed.',
      'agentPoolProfiles',
    )
  const cluster = withNewEtags(newCluster(world, request, body), () => world.nextGuid())
  world.put(cluster)
  const operation = world.start(
    {
      dialect: 'containerService',
      kind: 'create',
      subscription: subscription ?? '',
      location: locationOf(cluster),
      resourceId: textAt(cluster, 'id') ?? '',
      durationSeconds: CREATE_SECONDS,
      effect: { kind: 'create-cluster' },
    },
    request.faults,
  )
  return answer(world, request, 201, cluster, asyncOperationHeader(request, operation))
}

function answer(
  world: World,
  request: ArmRequest,
  status: number,
  cluster: JsonObject,
  headers: Record<string, string>,
): ArmAnswer {
  const shown = renderCluster(withShownLabels(cluster), request.apiVersion, world.settings.etags)
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    text: JSON.stringify(shown, null, 1),
  }
}

/**
 * Answers to a PUT have `nodeLabels: {}` in pools since 2024, answers to a GET have not (recordings README). A pool
 * of that time is known by its securityProfile.
 */
function withShownLabels(cluster: JsonObject): JsonObject {
  const agentPoolProfiles = poolsOf(cluster).map((pool) => {
    if (pool.nodeLabels !== undefined || pool.securityProfile === undefined) return pool
    const entries = Object.entries(pool)
    const place = entries.findIndex(([member]) => member === 'mode')
    return Object.fromEntries([
      ...entries.slice(0, place),
      ['nodeLabels', {}],
      ...entries.slice(place),
    ]) as JsonObject
  })
  return withProperties(cluster, { agentPoolProfiles })
}
