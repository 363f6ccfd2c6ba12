import { resourceNotFound } from '../arm/arm-error.ts'
import { type ArmHandler, type ArmRequest, assertResourceGroup } from '../arm/arm-request.ts'
import { CLUSTER_TYPE, clusterRefOf, poolsOf } from '../arm/managed-cluster.ts'
import { aksSubnetIds } from '../egress/managed-resources.ts'
import { equalsText, type JsonObject, lowerCaseAt, numberAt, textAt } from '../lib/json.ts'
import { digitsOf } from '../world/identifiers.ts'
import type { World } from '../world/world.ts'

/** A node: an instance of the scale set of its pool, or an individual machine. */
export interface Instance {
  id: string
  cluster: JsonObject
  pool: JsonObject
  subnetId: string
  /** The scale set; undefined for an individual machine. */
  scaleSetId: string | undefined
  number: number
}

/** The bodies are derived from the pools, with names and tags as in AKS. */
function instancesIn(world: World, { path }: ArmRequest): Instance[] {
  assertResourceGroup(world, path)
  return world
    .list(CLUSTER_TYPE, { subscription: path.subscription ?? '' })
    .filter((cluster) => equalsText(textAt(cluster, 'properties', 'nodeResourceGroup'), path.resourceGroup))
    .flatMap((cluster) => poolsOf(cluster).flatMap((pool) => instancesOf(world, cluster, pool)))
}

function instancesOf(world: World, cluster: JsonObject, pool: JsonObject): Instance[] {
  const group = `/subscriptions/${clusterRefOf(cluster).subscription}/resourceGroups/${textAt(cluster, 'properties', 'nodeResourceGroup')}`
  const base = `${group}/providers/Microsoft.Compute`
  const name = `aks-${pool.name}-${digitsOf(textAt(cluster, 'id') ?? '')}`
  const isScaleSet = lowerCaseAt(pool, 'type') !== 'virtualmachines'
  const scaleSetId = isScaleSet ? `${base}/virtualMachineScaleSets/${name}-vmss` : undefined
  const subnetId = textAt(pool, 'vnetSubnetID') ?? aksSubnetIds(world, cluster)[0] ?? ''
  return Array.from({ length: numberAt(pool, 'count') ?? 0 }, (_, number) => ({
    id:
      scaleSetId === undefined
        ? `${base}/virtualMachines/${name}-vm${number}`
        : `${scaleSetId}/virtualMachines/${number}`,
    cluster,
    pool,
    subnetId,
    scaleSetId,
    number,
  }))
}

/** The instance of a path that names an instance, its child, or its action. @throws ArmError 404 */
export function requireInstance(world: World, request: ArmRequest): Instance {
  const { types, names, resourceGroup } = request.path
  const path = names.map((name, index) => `${types[index]}/${name}`).join('/')
  const found = instancesIn(world, request).find(({ id }) =>
    id.toLowerCase().endsWith(`/${path}`.toLowerCase()),
  )
  if (found !== undefined) return found
  throw resourceNotFound(
    `Microsoft.Compute/${types.slice(0, names.length).join('/')}`,
    names.join('/'),
    resourceGroup ?? '',
  )
}

/** List of the scale sets of a node resource group. */
export const listScaleSets: ArmHandler = (world, request) => {
  const sets = new Map(instancesIn(world, request).map((instance) => [instance.scaleSetId ?? '', instance]))
  sets.delete('')
  const value = [...sets].map(([id, { cluster, pool }]) => ({
    id,
    name: id.split('/').at(-1),
    type: 'Microsoft.Compute/virtualMachineScaleSets',
    location: textAt(cluster, 'location'),
    tags: tagsOf(pool),
    sku: { name: textAt(pool, 'vmSize'), tier: 'Standard', capacity: numberAt(pool, 'count') },
    properties: { provisioningState: 'Succeeded', orchestrationMode: 'Uniform' },
  }))
  return { status: 200, body: { value } }
}

/** List of the instances of a scale set, with their state if `$expand=instanceView` requests it. */
export const listInstances: ArmHandler = (world, request) => {
  const name = request.path.names[0]
  const members = instancesIn(world, request).filter(({ scaleSetId }) =>
    equalsText(scaleSetId?.split('/').at(-1), name),
  )
  if (members.length === 0)
    throw resourceNotFound(
      'Microsoft.Compute/virtualMachineScaleSets',
      name ?? '',
      request.path.resourceGroup ?? '',
    )
  return { status: 200, body: { value: members.map((instance) => instanceBody(world, request, instance)) } }
}

/** List of the machines that belong to no scale set. */
export const listMachines: ArmHandler = (world, request) => {
  const members = instancesIn(world, request).filter(({ scaleSetId }) => scaleSetId === undefined)
  return { status: 200, body: { value: members.map((instance) => instanceBody(world, request, instance)) } }
}

/** GET of an instance or a machine. */
export const getInstance: ArmHandler = (world, request) => ({
  status: 200,
  body: instanceBody(world, request, requireInstance(world, request)),
})

/** That an instance is `Updating` during a run-command is inferred: run-command is an extension of the machine. */
function instanceBody(world: World, { query }: ArmRequest, instance: Instance): JsonObject {
  const { id, cluster, pool, subnetId, scaleSetId, number } = instance
  const isBusy = world.operationOn(id) !== undefined
  const isRunning = lowerCaseAt(pool, 'powerState', 'code') !== 'stopped'
  const power = isRunning ? 'running' : 'deallocated'
  const nic = {
    name: 'nic',
    properties: {
      primary: true,
      ipConfigurations: [{ name: 'ipconfig1', properties: { subnet: { id: subnetId } } }],
    },
  }
  const statuses = [
    { code: isBusy ? 'ProvisioningState/updating' : 'ProvisioningState/succeeded', level: 'Info' },
    { code: `PowerState/${power}`, level: 'Info', displayStatus: `VM ${power}` },
  ]
  return {
    id,
    name: scaleSetId === undefined ? id.split('/').at(-1) : `${scaleSetId.split('/').at(-1)}_${number}`,
    type:
      scaleSetId === undefined
        ? 'Microsoft.Compute/virtualMachines'
        : 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines',
    location: textAt(cluster, 'location'),
    tags: tagsOf(pool),
    ...(scaleSetId === undefined ? {} : { instanceId: String(number) }),
    properties: {
      provisioningState: isBusy ? 'Updating' : 'Succeeded',
      storageProfile: { osDisk: { osType: textAt(pool, 'osType') ?? 'Linux' } },
      ...(scaleSetId === undefined
        ? {}
        : { networkProfileConfiguration: { networkInterfaceConfigurations: [nic] } }),
      ...(query.get('$expand') === 'instanceView' ? { instanceView: { statuses } } : {}),
    },
  }
}

function tagsOf(pool: JsonObject): JsonObject {
  return { 'aks-managed-poolName': String(pool.name), 'aks-managed-orchestrator': 'Kubernetes' }
}
