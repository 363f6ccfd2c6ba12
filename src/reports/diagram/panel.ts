import type { EffectivePath } from '../../core/plan-egress.ts'
import { MARKS } from '../document/marks.ts'
import type { Group, Shown } from './groups.ts'
import { arrow, box, boxHeight, type Line } from './svg.ts'

/** Fits a phone at full size; two stand side by side on a screen. */
export const PANEL_WIDTH = 340

const MOST_SUBNETS = 6
const MOST_ADDRESSES = 8
const ARROW = 26
const GAP = 20

const CARRIER: Record<EffectivePath, string> = {
  virtualAppliance: 'Virtual appliance',
  virtualNetworkGateway: 'Virtual network gateway',
  natGateway: 'NAT gateway',
  instancePublicIp: 'Public IPs of the nodes',
  loadBalancer: 'Load balancer',
  defaultOutbound: 'Azure default outbound access',
  none: '✕ No way out',
  mixed: 'Several paths',
  unknown: '? Unknown path',
}

/** One side of the change from top to bottom: the groups, then the API server. */
export function panel(
  title: string,
  groups: Group[],
  apiServer: string[],
): { inside: string; height: number } {
  const parts = [`<text class="heading" x="1" y="17">${title}</text>`]
  let y = 30
  for (const group of groups) {
    const made = groupAt(group, y)
    parts.push(made.inside)
    y = made.end + GAP
  }
  const server: Line[] = [{ text: 'API server', look: 'strong' }, ...apiServer.map((text) => ({ text }))]
  parts.push(box(y, PANEL_WIDTH, 'box server', server))
  return { inside: parts.join(''), height: y + boxHeight(server) + 2 }
}

function groupAt({ subnets, path, via, addresses }: Group, top: number): { inside: string; end: number } {
  const isOpen = path !== 'none'
  const stack: [look: string, lines: Line[]][] = [
    ['box', subnetLines(subnets)],
    [isOpen && path !== 'unknown' ? 'box carrier' : 'box dashed', carrierLines(path, via)],
    ...(isOpen ? [['box', addressLines(addresses)] as [string, Line[]]] : []),
  ]
  const parts: string[] = []
  let y = top
  for (const [index, [look, lines]] of stack.entries()) {
    if (index > 0) {
      parts.push(arrow(y, ARROW, PANEL_WIDTH, 'arrow'))
      y += ARROW
    }
    parts.push(box(y, PANEL_WIDTH, look, lines))
    y += boxHeight(lines)
  }
  return { inside: parts.join(''), end: y }
}

function subnetLines(subnets: string[]): Line[] {
  return cut(subnets, MOST_SUBNETS, (text) => ({ text }), 'subnets')
}

function carrierLines(path: EffectivePath, via: string | null): Line[] {
  const name: Line[] = via === null ? [] : [{ text: via, look: 'mono' }]
  return [{ text: CARRIER[path], look: 'strong' }, ...name]
}

function addressLines(addresses: Shown[]): Line[] {
  const lead: Line = { text: 'Seen outside as', look: 'small' }
  if (addresses.length === 0) return [lead, { text: 'no public address is known' }]
  return [lead, ...cut(addresses, MOST_ADDRESSES, addressLine, 'addresses')]
}

function addressLine({ text, change }: Shown): Line {
  const look = /^[0-9a-f.:/]+$/i.test(text) ? 'mono' : ''
  if (change === null) return { text, look }
  const { shape, word, tone } = MARKS[change]
  return { text, look, lead: { text: `${shape} ${word}`, look: `lead strong ${tone}` } }
}

/** The first ones, and how many more; the table below the picture has them all. */
function cut<T>(all: T[], most: number, line: (each: T) => Line, plural: string): Line[] {
  if (all.length <= most) return all.map(line)
  const rest = all.length - most + 1
  return [
    ...all.slice(0, most - 1).map(line),
    { text: `and ${rest} more ${plural}, see the table`, look: 'small' },
  ]
}
