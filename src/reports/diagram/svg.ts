import { escapeHtml } from '../document/escape-html.ts'

/** Pieces of a picture. Colours come from classes of the page's style, so that light, dark and print all work. */

export interface Line {
  text: string
  /** Classes: `mono` for names and addresses, `small`, and a tone. */
  look?: string
  /** A shape and a word before the text, in a column of their own. */
  lead?: { text: string; look: string }
}

export const LINE_HEIGHT = 20
const PAD = 12
const LEAD_WIDTH = 92

export function boxHeight(lines: Line[]): number {
  return lines.length * LINE_HEIGHT + 2 * PAD - 4
}

/** A box with its lines of text; lines that do not fit are shortened in the middle. */
export function box(y: number, width: number, look: string, lines: Line[]): string {
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
  return `${before}<text class="${look}" x="${x}" y="${y}">${escapeHtml(shorten(text, room))}</text>`
}

/** An arrow downwards, with a word beside it. */
export function arrow(y: number, height: number, width: number, look: string): string {
  const x = width / 2
  const end = y + height
  return `<path class="${look}" d="M${x} ${y}V${end - 2}M${x - 5} ${end - 8}L${x} ${end - 2}L${x + 5} ${end - 8}"/>`
}

/** The whole picture with its words for those who do not see it. */
export function picture(
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
export function shorten(text: string, room: number): string {
  const letters = [...text]
  if (letters.length <= room) return text
  const tail = Math.floor((room - 1) / 2)
  return `${letters.slice(0, room - 1 - tail).join('')}…${letters.slice(-tail).join('')}`
}
