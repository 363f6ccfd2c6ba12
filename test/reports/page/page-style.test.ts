import t from 'tap'
import { TONES } from '../../../src/reports/document/document.ts'
import { PAGE_STYLE } from '../../../src/reports/page/page-style.ts'

/** WCAG 2.2, 1.4.3: text of any size that is read. */
const LEAST = 4.5

/** The colours as the style has them: the first block is light, that of `prefers-color-scheme:dark` dark. */
function palettes(): Record<string, Record<string, string>> {
  const blocks = [...PAGE_STYLE.matchAll(/:root\{([^}]*)\}/g)].map(([, block = '']) =>
    Object.fromEntries(
      [...block.matchAll(/--(\w+):(#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]),
    ),
  )
  const [light = {}, dark = {}, paper = {}] = blocks
  return { light, dark, paper }
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

t.test('the measure is that of WCAG', async (t) => {
  t.equal(contrast('#000000', '#ffffff').toFixed(2), '21.00')
  t.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48')
})

t.test('every text can be read on every ground, in light, in dark and on paper', async (t) => {
  for (const [scheme, colours] of Object.entries(palettes())) {
    const tones = TONES.filter((tone) => tone !== 'plain')
    for (const text of ['ink', 'muted', 'link', ...tones])
      for (const ground of ['page', 'card', ...(text === 'ink' ? ['code'] : [])]) {
        const ratio = contrast(colours[text] ?? '', colours[ground] ?? '')
        t.ok(ratio >= LEAST, `${scheme}: ${text} on ${ground} has ${ratio.toFixed(2)}`)
      }
  }
})

t.test('the style uses no colour beside these, and paper is as light as the light page', async (t) => {
  const { light, dark, paper } = palettes()
  t.strictSame(Object.keys(dark ?? {}), Object.keys(light ?? {}))
  t.strictSame(paper, light)
  const rest = PAGE_STYLE.replace(/:root\{[^}]*\}/g, '')
  t.notMatch(rest, /#[0-9a-f]{3,8}\b|rgb|hsl/i)
  for (const [, name = ''] of rest.matchAll(/var\(--(\w+)\)/g)) t.ok(light?.[name], name)
})
