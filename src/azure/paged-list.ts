import type { Answer } from './answer.ts'
import { BodyReader } from './body-reader.ts'
import { faultOfBody } from './fault-mapping.ts'

/** More than any subscription can hold of anything we list; a next link that leads in a circle ends here. */
export const MAX_PAGES = 10_000

/** Follows a list of the SDK to its end, for the answers that the pipeline records. */
export async function drain(pages: AsyncIterableIterator<unknown>): Promise<void> {
  let count = 0
  for await (const _page of pages) {
    count++
    if (count > MAX_PAGES) throw faultOfBody(`a list has more than ${MAX_PAGES} pages`)
  }
}

/** The items on a list's pages. */
export function itemsOn(pages: Answer[]): BodyReader[] {
  return pages.flatMap(({ body }) => {
    const page = new BodyReader(body)
    if (!page.has('value')) throw faultOfBody('a page of a list has no items')
    return page.list('value')
  })
}
