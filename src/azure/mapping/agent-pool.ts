import { distinctIds } from '../../core/arm/resource-id.ts'
import { TERMINAL_STATES } from '../../core/arm/words.ts'
import type { AgentPoolFacts } from '../../core/snapshot/snapshot.ts'
import type { BodyReader } from '../client/body-reader.ts'

/** States that texts contain. Other states keep the spelling of ARM. */
export const PROVISIONING_STATES = [...TERMINAL_STATES, 'Creating', 'Updating', 'Deleting']
export const POWER_STATES = ['Running', 'Stopped']

/** The words in the facts of a pool, by field. Other words keep the spelling of ARM. */
const WORDS = {
  mode: ['System', 'User', 'Gateway', 'Machines', 'ManagedSystem'],
  osType: ['Linux', 'Windows'],
  osSku: [
    'Ubuntu',
    'Ubuntu2204',
    'Ubuntu2404',
    'Ubuntu2604',
    'AzureLinux',
    'AzureLinux3',
    'AzureContainerLinux',
    'CBLMariner',
    'Mariner',
    'Flatcar',
    'Windows2019',
    'Windows2022',
    'Windows2025',
    'WindowsAnnual',
  ],
  type: ['VirtualMachineScaleSets', 'AvailabilitySet', 'VirtualMachines'],
  gpuDriver: ['Install', 'None'],
}

/**
 * The facts of an agent pool, from either of its two forms: an entry of `agentPoolProfiles` of the cluster, which is
 * flat, or a resource, which has the fields under `properties`.
 */
export function toAgentPoolFacts(body: BodyReader): AgentPoolFacts {
  const pool = body.has('properties') ? body.at('properties') : body
  const prefixIds = [
    ...pool.oneOrMany('nodePublicIPPrefixID', 'nodePublicIPPrefixIDs'),
    ...pool.at('networkProfile').strings('nodePublicIPPrefixIDs'),
  ]
  return {
    name: body.requiredString('name'),
    mode: pool.word('mode', WORDS.mode) ?? 'User',
    osType: pool.word('osType', WORDS.osType) ?? 'Linux',
    type: pool.word('type', WORDS.type) ?? 'VirtualMachineScaleSets',
    provisioningState: pool.word('provisioningState', PROVISIONING_STATES) || null,
    powerState: pool.at('powerState').word('code', POWER_STATES),
    ...toPoolSize(pool),
    maxSurge: pool.at('upgradeSettings').string('maxSurge'),
    vnetSubnetId: pool.string('vnetSubnetID') || null,
    podSubnetId: pool.string('podSubnetID') || null,
    enableNodePublicIP: pool.boolean('enableNodePublicIP'),
    nodePublicIpPrefixIds: distinctIds(prefixIds),
    availabilityZones: pool.strings('availabilityZones'),
    disableOutboundNat: pool.at('windowsProfile').optionalBoolean('disableOutboundNat'),
    vmSize: pool.string('vmSize'),
    osSku: pool.word('osSKU', WORDS.osSku),
    nodeImageVersion: pool.string('nodeImageVersion') || null,
    gpuDriver: pool.at('gpuProfile').word('driver', WORDS.gpuDriver) ?? pool.string('gpuInstanceProfile'),
  }
}

type PoolSize = Pick<AgentPoolFacts, 'count' | 'minCount' | 'maxCount' | 'enableAutoScaling'>

/**
 * The number of nodes of a pool. A pool of type `VirtualMachines` shows its nodes by VM size, and its limits in scale
 * profiles. In the previews of 2025, the scale profile of the autoscaler was a single object. A pool of mode `Machines`
 * has no size: its machines are separate resources.
 */
function toPoolSize(pool: BodyReader): PoolSize {
  if (pool.is('mode', 'Machines'))
    return { count: null, minCount: null, maxCount: null, enableAutoScaling: false }
  const scale = pool.at('virtualMachinesProfile').at('scale')
  const manual = sumOf(scale.oneOrList('manual'), 'count')
  const autoscale = scale.oneOrList('autoscale')
  const nodes = sumOf(pool.list('virtualMachineNodesStatus'), 'count') ?? pool.number('count')
  // While a manual profile is applied, the pool still grows to it.
  const count = nodes === null && manual === null ? null : Math.max(nodes ?? 0, manual ?? 0)
  if (autoscale.length === 0)
    return {
      count,
      minCount: pool.number('minCount'),
      maxCount: pool.number('maxCount'),
      enableAutoScaling: pool.boolean('enableAutoScaling'),
    }
  const withManual = (sum: number | null) => (sum === null ? null : sum + (manual ?? 0))
  return {
    count,
    minCount: withManual(sumOf(autoscale, 'minCount')),
    maxCount: withManual(sumOf(autoscale, 'maxCount')),
    enableAutoScaling: true,
  }
}

/** The sum of a number over a list; null if the list is empty or the number is missing in an item. */
function sumOf(items: BodyReader[], name: string): number | null {
  if (items.length === 0) return null
  return items.reduce<number | null>((sum, item) => {
    const value = item.number(name)
    return sum === null || value === null ? null : sum + value
  }, 0)
}
