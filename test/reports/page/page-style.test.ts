import t from 'tap'
import { TONES } from '../../../src/reports/document/labels.ts'
import { PAGE_STYLE } from '../../../src/reports/page/page-style.ts'

/** WCAG 2.2, 1.4.3: text of any size. */
const MIN_CONTRAST = 4.5

/** The colors in the style: the first block is light, the block of `prefers-color-scheme:dark` is dark. */
function palettes(): Record<string, Record<string, string>> {
  const blocks = [...PAGE_STYLE.matchAll(/:root\{([^}]*)\}/g)].map(([, block = '']) =>
    Object.fromEntries(
      [...block.matchAll(/--(\w+):(#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]),
    ),
  )
  const [light = {}, dark = {}, print = {}] = blocks
  return { light, dark, print }
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const part = Number.parseInt(color.slice(start, start + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(first: string, second: string): number {
  const [light = 0, dark = 0] = [luminance(first), luminance(second)].toSorted((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

t.test('computes the contrast as WCAG defines it', async (t) => {
  t.equal(contrast('#000000', '#ffffff').toFixed(2), '21.00')
  t.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48')
})

t.test('has enough contrast between text and background in light, dark, and print', async (t) => {
  for (const [scheme, colors] of Object.entries(palettes())) {
    const tones = TONES.filter((tone) => tone !== 'plain')
    for (const text of ['ink', 'muted', 'link', ...tones])
      for (const background of ['page', 'card', ...(text === 'ink' ? ['code'] : [])]) {
        const ratio = contrast(colors[text] ?? '', colors[background] ?? '')
        t.ok(ratio >= MIN_CONTRAST, `${scheme}: ${text} on ${background} has ${ratio.toFixed(2)}`)
      }
  }
})

t.test('uses only the colors of the palettes, and the light palette for print', async (t) => {
  const { light, dark, print } = palettes()
  t.strictSame(Object.keys(dark ?? {}), Object.keys(light ?? {}))
  t.strictSame(print, light)
  const rest = PAGE_STYLE.replace(/:root\{[^}]*\}/g, '')
  t.notMatch(rest, /#[0-9a-f]{3,8}\b|rgb|hsl/i)
  for (const [, name = ''] of rest.matchAll(/var\(--(\w+)\)/g)) t.ok(light?.[name], name)
})
