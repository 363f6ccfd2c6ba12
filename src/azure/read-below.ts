import type { Answer } from './answer.ts'
import { type ArmCall, answerOf } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import { ArmFault } from './arm-fault.ts'
import { BodyReader } from './body-reader.ts'
import { faultOfBody } from './fault-mapping.ts'
import { itemsOn } from './paged-list.ts'
import { checkSegments } from './path-segments.ts'

/** More than any list below one resource has; a next link that leads in a circle ends here. */
const MAX_PAGES = 50

/**
 * GET of what lies below a resource, whatever its type: the items of a list, page by page, or the one body
 * where it is no list.
 */
export async function readBelow(
  clients: ArmClients,
  call: ArmCall,
  at: { id: string; path: string; apiVersion: string },
): Promise<BodyReader[]> {
  const client = clients.resourceGraph()
  const get = (path: string, apiVersion?: string): Promise<Answer> =>
    answerOf(call, async () =>
      client
        .pathUnchecked(path)
        .get(apiVersion === undefined ? {} : { queryParameters: { 'api-version': apiVersion } }),
    )
  const pages = [await get(pathOf(at.id, at.path), at.apiVersion)]
  const first = new BodyReader(pages[0]?.body ?? undefined)
  if (!first.has('value')) return [first]
  for (let next = first.text('nextLink'); next; ) {
    if (pages.length === MAX_PAGES) throw faultOfBody(`a list has more than ${MAX_PAGES} pages`)
    const page = await get(next)
    pages.push(page)
    next = new BodyReader(page.body ?? undefined).text('nextLink')
  }
  return itemsOn(pages)
}

function pathOf(id: string, path: string): string {
  const segments = `${id}/${path}`.split('/').slice(1)
  if (!id.startsWith('/subscriptions/'))
    throw new ArmFault({
      kind: 'refused',
      code: 'InvalidResourceId',
      message: `This is no resource id: ${id}`,
    })
  checkSegments(...segments)
  return `/${segments.map(encodeURIComponent).join('/')}`
}
