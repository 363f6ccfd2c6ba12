import { type Inline, paragraph, type Text } from '../document/document.ts'

/** The start of a list. */
export interface Shown<T> {
  items: readonly T[]
  /** Whether the list has more items. */
  hasMore: boolean
}

/** The number of items for the navigation; nothing if the list has more items than the page shows. */
export function countOf({ items, hasMore }: Shown<unknown>): { count?: number } {
  return hasMore ? {} : { count: items.length }
}

export function more<T>({ hasMore }: Shown<T>, noun: string, url: string): ReturnType<typeof paragraph>[] {
  return hasMore ? [paragraph({ link: `All ${noun} as JSON`, url })] : []
}

/** Identifiers of this service are the only variable parts of a URL. */
export function link(text: string, url: string): Text {
  return [{ link: text, url }]
}

export function time(at: string | null | undefined): Inline[] {
  return at === null || at === undefined ? ['–'] : [{ time: at }]
}
