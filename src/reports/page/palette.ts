/**
 * The colours of the page, by what they are for. Every pair of text and ground that the style uses has a contrast of
 * at least 4.5 (WCAG 2.2, AA); a test computes it.
 */
export const LIGHT = {
  page: '#ffffff',
  card: '#f5f6f8',
  code: '#eceef2',
  ink: '#17191d',
  muted: '#50565f',
  line: '#b9bfc9',
  link: '#0b57b7',
  stop: '#a81421',
  accept: '#7a4300',
  warn: '#665000',
  note: '#0b57b7',
  good: '#14632b',
}

export const DARK: Record<keyof typeof LIGHT, string> = {
  page: '#14161a',
  card: '#1d2026',
  code: '#292d35',
  ink: '#eceef2',
  muted: '#b0b7c3',
  line: '#4d5562',
  link: '#8cbcff',
  stop: '#ff9a9a',
  accept: '#ffb966',
  warn: '#e8cf6a',
  note: '#8cbcff',
  good: '#85d89b',
}

/** The palette as CSS custom properties. */
export function properties(palette: typeof LIGHT): string {
  return Object.entries(palette)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';')
}
