import type { Source } from '../../core/references/references.ts'
import type { Inline, Section } from './document.ts'

/** The anchor of a source in the section that lists the sources. */
export function sourceId(number: number): string {
  return `source-${number}`
}

/**
 * The sections with numbered references to sources, and with a section that lists each source once, in the order of the
 * first reference. Without references, the sections are unchanged.
 */
export function numberSources(sections: Section[]): Section[] {
  const sources = new Map<string, Source>()
  const numberOf = (source: Source) => {
    if (!sources.has(source.text)) sources.set(source.text, source)
    return [...sources.keys()].indexOf(source.text) + 1
  }
  const numbered = mapInlines(sections, (value) =>
    'sources' in value ? { ...value, numbers: (value.sources as Source[]).map(numberOf) } : null,
  )
  if (sources.size === 0) return numbered
  const items = [...sources.values()].map(({ text, url }): Inline[] => [
    url === null ? text : { link: text, url },
  ])
  const list: Section = {
    id: 'sources',
    title: 'Sources',
    count: items.length,
    blocks: [{ kind: 'list', isOrdered: true, items, itemId: sourceId }],
  }
  return [...numbered, list]
}

/** An object with members whose types this function cannot know. */
type Members = Record<string, unknown>

/** A part of a page with changed inlines. Inlines occur at many places of a section, so this searches all its values. */
export function mapInlines<T>(value: T, change: (value: Members) => Members | null): T {
  if (Array.isArray(value)) return value.map((item) => mapInlines(item, change)) as T
  if (typeof value !== 'object' || value === null) return value
  const changed = change(value as Members)
  if (changed !== null) return changed as T
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, mapInlines(member, change)]),
  ) as T
}
