import type { EffectivePath } from '../../contract/egress.ts'
import { leavingLabel } from '../../core/egress/paths.ts'
import { MARKS } from '../document/document.ts'
import { escapeHtml } from '../document/escape.ts'
import { hasChanges, type ReportedPlan } from '../plan/reported-plan.ts'
import {
  apiServerLines,
  type ShownAddress,
  type Side,
  type SubnetGroup,
  subnetGroupsOf,
} from './subnet-groups.ts'

/** Pieces of a picture. Colours come from classes of the page's style, so that light, dark and print all work. */

interface Line {
  text: string
  /** Classes: `mono` for names and addresses, `small`, and a tone. */
  look?: string
  /** A shape and a word before the text, in a column of their own. */
  lead?: { text: string; look: string }
}

const LINE_HEIGHT = 20
const PAD = 12
const LEAD_WIDTH = 92

function boxHeight(lines: Line[]): number {
  return lines.length * LINE_HEIGHT + 2 * PAD - 4
}

/** A box with its lines of text; lines that do not fit are shortened in the middle. */
function renderBox(y: number, width: number, look: string, lines: Line[]): string {
  const inside = lines.map((line, index) => lineAt(line, y + PAD + 11 + index * LINE_HEIGHT, width)).join('')
  return `<rect class="${look}" x="1" y="${y}" width="${width - 2}" height="${boxHeight(lines)}" rx="8"/>${inside}`
}

function lineAt({ text, look = '', lead }: Line, y: number, width: number): string {
  const x = PAD + 2 + (lead === undefined ? 0 : LEAD_WIDTH)
  const room = Math.floor((width - x - PAD) / (look.includes('mono') ? 7.3 : 7))
  const before =
    lead === undefined
      ? ''
      : `<text class="${lead.look}" x="${PAD + 2}" y="${y}">${escapeHtml(lead.text)}</text>`
  return `${before}<text class="${look}" x="${x}" y="${y}">${escapeHtml(truncateMiddle(text, room))}</text>`
}

/** An arrow downwards, with a word beside it. */
function renderArrow(y: number, height: number, width: number, look: string): string {
  const x = width / 2
  const end = y + height
  return `<path class="${look}" d="M${x} ${y}V${end - 2}M${x - 5} ${end - 8}L${x} ${end - 2}L${x + 5} ${end - 8}"/>`
}

/** The whole picture with its words for those who do not see it. */
function renderPicture(
  id: string,
  title: string,
  description: string,
  size: [number, number],
  inside: string,
): string {
  const [width, height] = size
  return `<svg class="picture" role="img" aria-labelledby="${id}-title ${id}-description" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><title id="${id}-title">${escapeHtml(title)}</title><desc id="${id}-description">${escapeHtml(description)}</desc>${inside}</svg>`
}

/** Keeps the ends, which tell names apart. */
export function truncateMiddle(text: string, room: number): string {
  const letters = [...text]
  if (letters.length <= room) return text
  const tail = Math.floor((room - 1) / 2)
  return `${letters.slice(0, room - 1 - tail).join('')}…${letters.slice(-tail).join('')}`
}

/** Fits a phone at full size; two stand side by side on a screen. */
const PANEL_WIDTH = 340

const MAX_SUBNETS = 6
const MAX_ADDRESSES = 8
const ARROW_HEIGHT = 26
const GAP = 20

const CARRIER_LABELS: Record<EffectivePath, string> = {
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
function renderPanel(
  title: string,
  groups: SubnetGroup[],
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
  parts.push(renderBox(y, PANEL_WIDTH, 'box server', server))
  return { inside: parts.join(''), height: y + boxHeight(server) + 2 }
}

function groupAt(
  { subnets, path, via, addresses }: SubnetGroup,
  top: number,
): { inside: string; end: number } {
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
      parts.push(renderArrow(y, ARROW_HEIGHT, PANEL_WIDTH, 'arrow'))
      y += ARROW_HEIGHT
    }
    parts.push(renderBox(y, PANEL_WIDTH, look, lines))
    y += boxHeight(lines)
  }
  return { inside: parts.join(''), end: y }
}

function subnetLines(subnets: string[]): Line[] {
  return truncateList(subnets, MAX_SUBNETS, (text) => ({ text }), 'subnets')
}

function carrierLines(path: EffectivePath, via: string | null): Line[] {
  const name: Line[] = via === null ? [] : [{ text: via, look: 'mono' }]
  return [{ text: CARRIER_LABELS[path], look: 'strong' }, ...name]
}

function addressLines(addresses: ShownAddress[]): Line[] {
  const lead: Line = { text: 'Seen outside as', look: 'small' }
  if (addresses.length === 0) return [lead, { text: 'no public address is known' }]
  return [lead, ...truncateList(addresses, MAX_ADDRESSES, addressLine, 'addresses')]
}

function addressLine({ text, change }: ShownAddress): Line {
  const look = /^[0-9a-f.:/]+$/i.test(text) ? 'mono' : ''
  if (change === null) return { text, look }
  const { shape, word, tone } = MARKS[change]
  return { text, look, lead: { text: `${shape} ${word}`, look: `lead strong ${tone}` } }
}

/** The first ones, and how many more; the table below the picture has them all. */
function truncateList<T>(all: T[], most: number, line: (each: T) => Line, plural: string): Line[] {
  if (all.length <= most) return all.map(line)
  const rest = all.length - most + 1
  return [
    ...all.slice(0, most - 1).map(line),
    { text: `and ${rest} more ${plural}, see the table`, look: 'small' },
  ]
}

/**
 * The egress path before and after the change as two SVG pictures for a page with the report's style: subnets and
 * pools, what carries their packets, the public addresses with their fate, and the API server. Equal groups of subnets
 * are drawn once and long lists are cut; each picture holds its content in words as well.
 */
export function egressDiagram(plan: ReportedPlan): Record<Side, string> {
  return { before: renderSide(plan, 'before'), after: renderSide(plan, 'after') }
}

function renderSide(plan: ReportedPlan, name: Side): string {
  const title = name === 'before' ? 'Before' : hasChanges(plan) ? 'After' : 'After: nothing changes'
  const groups = subnetGroupsOf(plan, name)
  const apiServer = apiServerLines(plan, name)
  const { inside, height } = renderPanel(title, groups, apiServer)
  const description = [...groups.map(describeGroup), `The API server: ${apiServer.join('; ')}.`].join(' ')
  return renderPicture(`egress-${name}`, title, description, [PANEL_WIDTH, height], inside)
}

function describeGroup({ subnets, path, via, addresses }: SubnetGroup): string {
  const seen = addresses.map(({ text, change }) =>
    change === null ? text : `${text} (${MARKS[change].word})`,
  )
  const by = via === null ? '' : ` ${via}`
  const as = path === 'none' ? '' : `, seen outside as ${seen.join(', ') || 'no known address'}`
  return `Packets of ${subnets.join(' and ')} ${leavingLabel(path)}${by}${as}.`
}
