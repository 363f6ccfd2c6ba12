import type { EffectivePath } from '../../contract/egress.ts'
import { leavingLabel } from '../../core/egress/path-labels.ts'
import { escapeHtml } from '../document/escape.ts'
import { CARRIER_LABELS, MARKS } from '../document/labels.ts'
import { endedUnmoved, hasChanges, type ReportedPlan } from '../plan/reported-plan.ts'
import {
  type ApiServer,
  apiServerOf,
  type ShownAddress,
  type Side,
  type SubnetGroup,
  subnetGroupsOf,
} from './subnet-groups.ts'

/** Parts of a diagram. Colors come from classes of the page style, so that light, dark, and print work. */

interface Line {
  text: string
  /** Classes: `mono` for names and addresses, `small`, and a tone. */
  look?: string
  /** A shape and a word before the text, in a separate column. */
  lead?: { text: string; look: string }
}

const LINE_HEIGHT = 20
const PAD = 12
const LEAD_WIDTH = 86
/** The widths of a letter in common fonts, rounded up. */
const LETTER_WIDTH = { mono: 7.3, plain: 7.05 }

function boxHeight(lines: Line[]): number {
  return lines.length * LINE_HEIGHT + 2 * PAD - 4
}

/** A box with its lines of text. Lines that do not fit are truncated in the middle. */
function renderBox(y: number, width: number, look: string, lines: Line[]): string {
  const content = lines.map((line, index) => lineAt(line, y + PAD + 11 + index * LINE_HEIGHT, width)).join('')
  return `<rect class="${look}" x="1" y="${y}" width="${width - 2}" height="${boxHeight(lines)}" rx="8"/>${content}`
}

function lineAt({ text, look = '', lead }: Line, y: number, width: number): string {
  const x = PAD + 2 + (lead === undefined ? 0 : LEAD_WIDTH)
  const letterWidth = look.includes('mono') ? LETTER_WIDTH.mono : LETTER_WIDTH.plain
  const maxLength = Math.floor((width - x - 8) / letterWidth)
  const before =
    lead === undefined
      ? ''
      : `<text class="${lead.look}" x="${PAD + 2}" y="${y}">${escapeHtml(lead.text)}</text>`
  return `${before}<text class="${look}" x="${x}" y="${y}">${escapeHtml(truncateMiddle(text, maxLength))}</text>`
}

/** An arrow that points down. */
function renderArrow(y: number, height: number, width: number, look: string): string {
  const x = width / 2
  const end = y + height
  return `<path class="${look}" d="M${x} ${y}V${end - 2}M${x - 5} ${end - 8}L${x} ${end - 2}L${x + 5} ${end - 8}"/>`
}

/** The whole diagram, with its description for screen readers. */
function renderPicture(
  id: string,
  title: string,
  description: string,
  size: [number, number],
  content: string,
): string {
  const [width, height] = size
  return `<svg class="picture" role="img" aria-labelledby="${id}-title ${id}-description" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><title id="${id}-title">${escapeHtml(title)}</title><desc id="${id}-description">${escapeHtml(description)}</desc>${content}</svg>`
}

/** Keeps both ends of a text, because names differ there. */
export function truncateMiddle(text: string, maxLength: number): string {
  const letters = [...text]
  if (letters.length <= maxLength) return text
  const tail = Math.floor((maxLength - 1) / 2)
  return `${letters.slice(0, maxLength - 1 - tail).join('')}…${letters.slice(-tail).join('')}`
}

/** One panel fits a phone at full size, and two fit side by side on a screen. */
const PANEL_WIDTH = 340
/** Right of the boxes, two lines lead from the groups down to the internet and to the API server. */
const BOX_WIDTH = 312
const INTERNET_LINE_X = 324
const SERVER_LINE_X = 336
/** A group that reaches both ends starts one line above and one below the middle of its box. */
const LINE_OFFSET = 7

const MAX_SUBNETS = 6
const MAX_ADDRESSES = 8
const ARROW_HEIGHT = 26
const GAP = 20

/** Where lines to an end start, as heights. */
interface Ends {
  internet: number[]
  apiServer: number[]
}

/** One side of the change, from top to bottom: the subnet groups, then the internet and the API server. */
function renderPanel(
  title: string,
  groups: SubnetGroup[],
  apiServer: ApiServer,
): { content: string; height: number } {
  const parts = [`<text class="heading" x="1" y="17">${title}</text>`]
  const ends: Ends = { internet: [], apiServer: [] }
  let y = 30
  for (const group of groups) {
    const { content, end, first, last } = groupAt(group, y)
    parts.push(content)
    if (group.path !== 'none' && group.reaches.internet) ends.internet.push(last - LINE_OFFSET)
    // A private API server is inside the network, so its traffic does not leave.
    if (apiServer.isInside) ends.apiServer.push(first)
    else if (group.path !== 'none' && group.reaches.apiServer) ends.apiServer.push(last + LINE_OFFSET)
    y = end + GAP
  }
  const boxes: [lines: Line[], look: string, x: number, starts: number[]][] = [
    [[{ text: 'Internet', look: 'strong' }], 'box server', INTERNET_LINE_X, ends.internet],
    [
      [{ text: 'API server', look: 'strong' }, ...apiServer.lines.map((text) => ({ text }))],
      apiServer.isChanged ? 'box server changed' : 'box server',
      SERVER_LINE_X,
      ends.apiServer,
    ],
  ]
  for (const [lines, look, x, starts] of boxes) {
    parts.push(renderBox(y, BOX_WIDTH, look, lines), renderLines(x, starts, y + boxHeight(lines) / 2))
    y += boxHeight(lines) + GAP / 2
  }
  return { content: parts.join(''), height: y }
}

/** Lines from the right edge of boxes to a vertical line, and an arrow from there back into the box at `end`. */
function renderLines(x: number, starts: number[], end: number): string {
  if (starts.length === 0) return ''
  const edge = BOX_WIDTH - 1
  const branches = starts.map((y) => `M${edge} ${y}H${x}`).join('')
  const tip = edge + 2
  return `<path class="arrow" d="${branches}M${x} ${Math.min(...starts)}V${end}H${tip}M${tip + 6} ${end - 5}L${tip} ${end}L${tip + 6} ${end + 5}"/>`
}

/** `first` and `last` are the middles of the first and the last box. */
function groupAt(
  { subnets, path, via, addresses, change }: SubnetGroup,
  top: number,
): { content: string; end: number; first: number; last: number } {
  const hasEgress = path !== 'none'
  const carrier = hasEgress && path !== 'unknown' ? 'box carrier' : 'box dashed'
  const isChanged = change !== null && change !== 'pathKept'
  const stack: [look: string, lines: Line[]][] = [
    ['box', subnetLines(subnets)],
    [isChanged ? `${carrier} changed` : carrier, carrierLines(path, via, change)],
    ...(hasEgress ? [['box', addressLines(addresses)] as [string, Line[]]] : []),
  ]
  const parts: string[] = []
  const middles: number[] = []
  let y = top
  for (const [index, [look, lines]] of stack.entries()) {
    if (index > 0) {
      parts.push(renderArrow(y, ARROW_HEIGHT, BOX_WIDTH, 'arrow'))
      y += ARROW_HEIGHT
    }
    parts.push(renderBox(y, BOX_WIDTH, look, lines))
    middles.push(y + boxHeight(lines) / 2)
    y += boxHeight(lines)
  }
  return { content: parts.join(''), end: y, first: middles[0] ?? y, last: middles.at(-1) ?? y }
}

function subnetLines(subnets: string[]): Line[] {
  return truncateList(subnets, MAX_SUBNETS, (text) => ({ text }), 'subnets')
}

function carrierLines(path: EffectivePath, via: string | null, change: SubnetGroup['change']): Line[] {
  const name: Line[] = via === null ? [] : [{ text: via, look: 'mono' }]
  return [{ text: CARRIER_LABELS[path], look: 'strong' }, ...name, ...changeLine(change)]
}

function changeLine(change: SubnetGroup['change']): Line[] {
  if (change === null) return []
  const { shape, word, tone } = MARKS[change]
  return [{ text: `${shape} ${word}`, look: `strong ${tone}` }]
}

function addressLines(addresses: ShownAddress[]): Line[] {
  const lead: Line = { text: 'Public addresses', look: 'small' }
  if (addresses.length === 0) return [lead, { text: 'none known' }]
  return [lead, ...truncateList(addresses, MAX_ADDRESSES, addressLine, 'addresses')]
}

function addressLine({ text, change }: ShownAddress): Line {
  const look = /^[0-9a-f.:/]+$/i.test(text) ? 'mono' : ''
  if (change === null) return { text, look }
  const { shape, word, tone } = MARKS[change]
  return { text, look, lead: { text: `${shape} ${word}`, look: `lead strong ${tone}` } }
}

/** The first items and the number of the others. The table below the diagram has all of them. */
function truncateList<T>(items: T[], limit: number, line: (item: T) => Line, plural: string): Line[] {
  if (items.length <= limit) return items.map(line)
  const rest = items.length - limit + 1
  return [
    ...items.slice(0, limit - 1).map(line),
    { text: `and ${rest} more ${plural}, see the table`, look: 'small' },
  ]
}

/**
 * The egress paths before and after the change as two SVG pictures: subnets and pools, what carries their traffic, the
 * public addresses with their changes, and the lines to the internet and the API server. Subnets with the same path share
 * one group, and long lists are truncated. Each picture also has a text description.
 */
export function egressDiagram(plan: ReportedPlan): Record<Side, string> {
  return { before: renderSide(plan, 'before'), after: renderSide(plan, 'after') }
}

function renderSide(plan: ReportedPlan, name: Side): string {
  const title = titleOf(plan, name)
  const groups = subnetGroupsOf(plan, name)
  const apiServer = apiServerOf(plan, name)
  const { content, height } = renderPanel(title, groups, apiServer)
  const server = `${apiServer.isInside ? 'reached inside the network; ' : ''}${apiServer.lines.join('; ')}`
  const description = [
    ...groups.map((group) => describeGroup(group, apiServer)),
    `The API server: ${server}.`,
  ].join(' ')
  return renderPicture(`egress-${name}`, title, description, [PANEL_WIDTH, height], content)
}

function titleOf(plan: ReportedPlan, name: Side): string {
  if (name === 'before') return plan.status === 'blocked' ? 'Now' : 'Before'
  return hasChanges(plan) && !endedUnmoved(plan) ? 'After' : 'After: no change'
}

function describeGroup(
  { subnets, path, via, addresses, change, reaches }: SubnetGroup,
  { isInside }: ApiServer,
): string {
  const listed = addresses.map(({ text, change }) =>
    change === null ? text : `${text} (${MARKS[change].word})`,
  )
  const carrier = via === null ? '' : ` ${via}`
  const marked = change === null ? '' : ` (${MARKS[change].word})`
  if (path === 'none')
    return `Packets from ${subnets.join(' and ')} ${leavingLabel(path)}${carrier}${marked}.`
  const ends = [
    ...(reaches.internet ? ['the internet'] : []),
    ...(reaches.apiServer && !isInside ? ['the API server'] : []),
  ]
  const destinations = ends.length === 0 ? '' : ` to ${ends.join(' and ')}`
  return `Packets from ${subnets.join(' and ')}${destinations} ${leavingLabel(path)}${carrier}${marked}. Public addresses: ${listed.join(', ') || 'none known'}.`
}
