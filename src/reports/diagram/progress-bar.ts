import { escapeHtml } from '../document/escape.ts'

/** A part of a bar with its tone, a class of the page style. */
export interface BarPart {
  word: string
  count: number
  tone: 'good' | 'note' | 'accept' | 'stop' | 'rest'
}

const WIDTH = 600
const HEIGHT = 14
/** A part of a large total stays visible. */
const MIN_WIDTH = 4

/** A bar whose parts have widths by their counts. The text beside it repeats the counts. */
export function progressBar(parts: readonly BarPart[]): string {
  const present = parts.filter(({ count }) => count > 0)
  const total = present.reduce((sum, { count }) => sum + count, 0)
  const free = WIDTH - MIN_WIDTH * present.length
  const description = present.map(({ count, word }) => `${count} ${word}`).join(', ')
  let x = 0
  const rects = present.map(({ count, tone }) => {
    const width = Math.round((MIN_WIDTH + (free * count) / total) * 10) / 10
    const rect = `<rect class="bar-${tone}" x="${Math.round(x * 10) / 10}" y="0" width="${width}" height="${HEIGHT}"/>`
    x += width
    return rect
  })
  return `<svg class="picture bar" role="img" aria-label="${escapeHtml(description)}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">${rects.join('')}</svg>`
}
