import { type Block, containsBlock, parseBlock } from '../lib/ip.ts'
import { equalsText, type JsonObject, listAt, numberAt, objectsAt, textAt } from '../lib/json.ts'
import { tagPrefixLength } from './service-tags.ts'

/** A packet as security rules see it: over TCP port 443, from a subnet. */
export interface Packet {
  destination: Block
  /** False for an address of the virtual network. */
  isPublic: boolean
  sources: Block[]
}

const PORT = 443

/** Whether a network security group allows the packet: the matching rule with the lowest priority number applies. */
export function isAllowed(group: JsonObject | undefined, packet: Packet): boolean {
  if (group === undefined) return true
  const [first] = ['securityRules', 'defaultSecurityRules']
    .flatMap((list) => objectsAt(group, 'properties', list))
    .filter((rule) => matches(rule, packet))
    .sort((a, b) => priorityOf(a) - priorityOf(b))
  return first === undefined || !equalsText(textAt(first, 'properties', 'access'), 'Deny')
}

function priorityOf(rule: JsonObject): number {
  return numberAt(rule, 'properties', 'priority') ?? Number.POSITIVE_INFINITY
}

function matches(rule: JsonObject, packet: Packet): boolean {
  const protocol = textAt(rule, 'properties', 'protocol') ?? '*'
  return (
    equalsText(textAt(rule, 'properties', 'direction'), 'Outbound') &&
    (protocol === '*' || equalsText(protocol, 'Tcp')) &&
    textsAt(rule, 'destinationPortRange').some(containsPort) &&
    textsAt(rule, 'sourceAddressPrefix', 'sourceAddressPrefixes').some((text) => isFrom(text, packet)) &&
    textsAt(rule, 'destinationAddressPrefix', 'destinationAddressPrefixes').some((text) => isTo(text, packet))
  )
}

/** The values of a member that a rule has either in singular, or as a list in plural. */
function textsAt(rule: JsonObject, single: string, plural = `${single}s`): string[] {
  const one = textAt(rule, 'properties', single)
  return [...(one === undefined ? [] : [one]), ...listAt(rule, 'properties', plural).map(String)]
}

function containsPort(range: string): boolean {
  if (range === '*') return true
  const [from = 0, to = from] = range.split('-').map(Number)
  return from <= PORT && PORT <= to
}

function isFrom(text: string, { sources }: Packet): boolean {
  if (text === '*' || equalsText(text, 'VirtualNetwork')) return true
  const block = parseBlock(text)
  return block !== undefined && sources.some((source) => containsBlock(block, source))
}

function isTo(text: string, { destination, isPublic }: Packet): boolean {
  if (text === '*') return true
  if (equalsText(text, 'Internet')) return isPublic
  if (equalsText(text, 'VirtualNetwork')) return !isPublic
  const block = parseBlock(text)
  return block === undefined
    ? tagPrefixLength(text, destination) !== undefined
    : containsBlock(block, destination)
}
