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
  const numbered = sections.map((section) => withNumbers(section, numberOf))
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

/** Inlines occur at many places of a section, so this searches all its values. */
function withNumbers<T>(value: T, numberOf: (source: Source) => number): T {
  if (Array.isArray(value)) return value.map((item) => withNumbers(item, numberOf)) as T
  if (typeof value !== 'object' || value === null) return value
  if ('sources' in value) return { ...value, numbers: (value.sources as Source[]).map(numberOf) }
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withNumbers(member, numberOf)]),
  ) as T
}
