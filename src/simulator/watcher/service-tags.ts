import { type Block, containsBlock, formatAddress, parseBlock } from '../lib/ip.ts'
import { digitsOf } from '../world/identifiers.ts'

/**
 * The addresses of Azure services in this simulation. Each region owns one /24 (IPv6: one /48) and divides it into 16
 * blocks: one for control planes, the others for the services below. No simulated public IP is from here. The published
 * lists of service tags change weekly; only their nesting matters for routes, and all blocks have the same length, so
 * that the order of precedence among tags decides.
 */
const SPACE = { IPv4: '4.128.0.0/9', IPv6: '2603:1020::/32' } as const
const BLOCK_LENGTH = { IPv4: 28, IPv6: 56 } as const
const REGION_COUNT = { IPv4: 1 << 15, IPv6: 1 << 16 } as const

/** Services with a separate block, in the order of their blocks. All other services share the last block. */
const SERVICES = [
  'storage',
  'sql',
  'azureactivedirectory',
  'azuremonitor',
  'microsoftcontainerregistry',
  'azurecontainerregistry',
  'azurekeyvault',
  'azurefrontdoor',
  'eventhub',
  'servicebus',
  'azurecosmosdb',
  'appservice',
  'azureresourcemanager',
  'cognitiveservicesmanagement',
]

/** The blocks of simulated public IPs and prefixes, which AzureCloud contains too (world/identifiers.ts). */
const PUBLIC_SPACE = ['13.64.0.0/10', '20.64.0.0/10', '40.64.0.0/10', '52.64.0.0/10', '2603:1030::/28'].map(
  block,
)

/** The order in which tags with equal prefixes are preferred, lowest first (virtual-networks-udr-overview). */
export const TAG_RANKS = { regional: 1, topLevel: 2, regionalCloud: 3, cloud: 4 } as const

interface Tag {
  service: string
  region: string | undefined
}

function parseTag(text: string): Tag {
  const [service = '', region] = text.trim().toLowerCase().split('.')
  return { service, region: region?.replaceAll(/[\s-]/g, '') }
}

/** The precedence of a tag among tags with equal prefixes. */
export function tagRank(text: string): number {
  const { service, region } = parseTag(text)
  if (service === 'azurecloud') return region === undefined ? TAG_RANKS.cloud : TAG_RANKS.regionalCloud
  return region === undefined ? TAG_RANKS.topLevel : TAG_RANKS.regional
}

/** The length of the prefix of the tag that contains the address; undefined if there is none. */
export function tagPrefixLength(text: string, address: Block): number | undefined {
  const tag = parseTag(text)
  const isCloud = tag.service === 'azurecloud'
  if (!containsBlock(block(SPACE[address.family]), address)) {
    if (!isCloud || tag.region !== undefined) return undefined
    return PUBLIC_SPACE.find((space) => containsBlock(space, address))?.length
  }
  const length = BLOCK_LENGTH[address.family]
  if (tag.region !== undefined && !containsBlock(regionBlock(tag.region, address.family), address))
    return undefined
  return isCloud || slotIn(address) === slotOf(tag.service) ? length : undefined
}

/** An address that the tag contains and no other tag of the same region does, except AzureCloud. */
export function tagSample(text: string): Block {
  const { service, region } = parseTag(text)
  return addressIn(region ?? 'global', service === 'azurecloud' ? 0 : slotOf(service), 1)
}

/** The simulated public address of a cluster's API server, inside `AzureCloud.<region>`; always the same for an ID. */
export function apiServerAddress(clusterId: string, region: string): string {
  return formatAddress(addressIn(region, 0, 1 + (Number(digitsOf(`api server of ${clusterId}`)) % 14)))
}

function addressIn(region: string, slot: number, host: number): Block {
  const { family, start } = regionBlock(region, 'IPv4')
  return { family, start: start + BigInt(slot * 16 + host), length: 32 }
}

const regionNumbers = new Map<string, number>()

function regionBlock(region: string, family: Block['family']): Block {
  const number = regionNumbers.get(region) ?? Number(digitsOf(`region ${region}`))
  regionNumbers.set(region, number)
  const space = block(SPACE[family])
  const [length, host] = family === 'IPv4' ? [24, 8n] : [48, 80n]
  return { family, start: space.start + (BigInt(number % REGION_COUNT[family]) << host), length }
}

function slotOf(service: string): number {
  const index = SERVICES.indexOf(service)
  return index < 0 ? SERVICES.length + 1 : index + 1
}

/** The number of the block within its region. */
function slotIn({ family, start }: Block): number {
  return family === 'IPv4' ? Number((start >> 4n) & 15n) : Number((start >> 72n) & 15n)
}

function block(text: string): Block {
  const parsed = parseBlock(text)
  if (parsed === undefined) throw new Error(`${text} is not a block of addresses`)
  return parsed
}
