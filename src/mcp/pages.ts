import type { CallToolResult } from '@modelcontextprotocol/server'
import { toErrorResult, toResult, type Wanted } from './results.ts'
import { isPage } from './schemas.ts'
import type { Tool, ToolContext } from './tools/tool.ts'

/**
 * Calls the tool. A page with more items than fit is requested again with as many as fit, because its `next` would skip
 * the items that were cut.
 */
export async function callWithin(
  tool: Tool,
  args: Record<string, unknown>,
  wanted: Wanted,
  context: ToolContext,
): Promise<CallToolResult> {
  let limited = args
  for (;;) {
    const answer = await tool.call(limited, context)
    if (answer.status >= 400) return toErrorResult(answer)
    const result = toResult(tool.view, JSON.parse(answer.text), wanted)
    const limit = isPage(tool.view) ? itemsThatFit(result) : null
    if (limit === null) return result
    limited = { ...args, limit }
  }
}

/** How many items the page can have; null if none was cut. Less than the page has, so that repeating ends. */
function itemsThatFit({ structuredContent }: CallToolResult): number | null {
  const { cut } = structuredContent as { cut: { field: string; shown: number }[] }
  const items = cut.find(({ field }) => field === 'items')
  return items === undefined ? null : Math.max(1, items.shown)
}
