// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g
/** Turn the order of what follows, so that a name could read as another. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Text from outside without what no reader can see: control characters, turned directions, half characters. */
export function clean(text: string): string {
  return text.toWellFormed().replace(CONTROLS, '\ufffd').replace(TURNING, '\ufffd')
}

/** The same on one line. */
export function cleanLine(text: string): string {
  return clean(text).replace(/\s+/g, ' ').trim()
}

/** `2026-09-01T00:00:00.000Z` as `2026-09-01 00:00 UTC`; anything else as it is. */
export function spokenTime(iso: string): string {
  const parts = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):\d{2}(?:\.\d+)?Z$/.exec(iso)
  return parts === null ? iso : `${parts[1]} ${parts[2]} UTC`
}
