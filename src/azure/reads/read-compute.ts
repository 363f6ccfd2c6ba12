import type { InstanceFacts } from '../../core/snapshot/agent-pools.ts'
import { API_VERSIONS } from '../client/api-versions.ts'
import { type ArmRequests, assertSafeSegments } from '../client/arm-requests.ts'
import type { BodyReader } from '../client/body-reader.ts'

const QUERY = { apiVersion: API_VERSIONS.compute }
/** Tags of the scale sets and machines that AKS creates. */
const POOL_TAG = 'aks-managed-poolName'

/**
 * The nodes of a cluster by its node resource group. Scale sets of other owners are excluded. The instances of all
 * other scale sets are read at the same time.
 */
export async function listInstances(
  requests: ArmRequests,
  subscriptionId: string,
  resourceGroup: string,
): Promise<InstanceFacts[]> {
  assertSafeSegments(subscriptionId, resourceGroup)
  const base = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute`
  const [sets, machines] = await Promise.all([
    requests.list(`${base}/virtualMachineScaleSets`, QUERY),
    requests.list(`${base}/virtualMachines`, QUERY),
  ])
  const inSets = await Promise.all(
    sets.filter((set) => poolOf(set) !== null).map((set) => instancesOf(requests, set)),
  )
  return [...inSets.flat(), ...machines.map((machine) => toInstanceFacts(machine, poolOf(machine)))]
}

async function instancesOf(requests: ArmRequests, set: BodyReader): Promise<InstanceFacts[]> {
  const path = `${set.requiredString('id')}/virtualMachines`
  const instances = await requests.list(path, { ...QUERY, parameters: { $expand: 'instanceView' } })
  return instances.map((instance) => toInstanceFacts(instance, poolOf(instance) ?? poolOf(set)))
}

function poolOf(body: BodyReader): string | null {
  return body.at('tags').string(POOL_TAG) || null
}

function toInstanceFacts(body: BodyReader, pool: string | null): InstanceFacts {
  const properties = body.at('properties')
  const statuses = properties.at('instanceView').list('statuses')
  const codes = statuses.map((status) => status.string('code') ?? '')
  return {
    id: body.requiredString('id'),
    pool,
    subnetId: subnetOf(properties),
    osType: properties.at('storageProfile').at('osDisk').string('osType'),
    provisioningState: properties.string('provisioningState'),
    powerState: codes.find((code) => code.startsWith('PowerState/')) ?? null,
  }
}

/** The subnet of the primary interface. An individual machine shows only the ID of its interface. */
function subnetOf(properties: BodyReader): string | null {
  const interfaces = properties.at('networkProfileConfiguration').list('networkInterfaceConfigurations')
  const primary = interfaces.find((nic) => nic.at('properties').boolean('primary') === true) ?? interfaces[0]
  const [first] = primary?.at('properties').list('ipConfigurations') ?? []
  return first?.at('properties').at('subnet').string('id') || null
}
