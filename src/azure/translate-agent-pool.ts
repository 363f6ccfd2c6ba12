import type { AgentPoolFacts } from '../core/snapshot.ts'
import type { BodyReader } from './body-reader.ts'

/**
 * The facts of an agent pool, in either of its two forms: an entry of the cluster's `agentPoolProfiles`,
 * which is flat, or a resource of its own, which has them under `properties`.
 */
export function translateAgentPool(body: BodyReader): AgentPoolFacts {
  const pool = body.has('properties') ? body.at('properties') : body
  return {
    name: body.requiredText('name'),
    mode: pool.text('mode') ?? 'User',
    osType: pool.text('osType') ?? 'Linux',
    type: pool.text('type') ?? 'VirtualMachineScaleSets',
    provisioningState: pool.text('provisioningState') ?? '',
    powerState: pool.at('powerState').text('code'),
    count: pool.number('count') ?? virtualMachines(pool),
    minCount: pool.number('minCount'),
    maxCount: pool.number('maxCount'),
    enableAutoScaling: pool.flag('enableAutoScaling'),
    maxSurge: pool.at('upgradeSettings').text('maxSurge'),
    vnetSubnetId: pool.text('vnetSubnetID') || null,
    podSubnetId: pool.text('podSubnetID') || null,
    enableNodePublicIP: pool.flag('enableNodePublicIP'),
    nodePublicIpPrefixId: pool.text('nodePublicIPPrefixID') || null,
    availabilityZones: pool.texts('availabilityZones'),
    disableOutboundNat: pool.at('windowsProfile').optionalFlag('disableOutboundNat'),
    vmSize: pool.text('vmSize'),
    osSku: pool.text('osSKU'),
    nodeImageVersion: pool.text('nodeImageVersion'),
    gpuDriver: pool.at('gpuProfile').text('driver') ?? pool.text('gpuInstanceProfile'),
  }
}

/** A pool of type `VirtualMachines` may have its counts by VM size and none for the whole. */
function virtualMachines(pool: BodyReader): number {
  const sizes = pool.at('virtualMachinesProfile').at('scale').list('manual')
  return sizes.reduce((sum, size) => sum + (size.number('count') ?? 0), 0)
}
