import type { FastifyReply } from 'fastify'
import { scriptedPagePolicy } from './content-negotiation.ts'

/**
 * Replaces the changed parts of a page while a reader sees them and the keyboard is elsewhere. What the reader has opened
 * stays open. Without a script, the reader reloads the page.
 */
export const LIVE_SCRIPT = `
const parts = ['header', 'nav', 'main']
async function refresh() {
  if (document.hidden) return
  const response = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' })
  if (!response.ok) return
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  for (const part of parts) {
    const [shown, news] = [document.querySelector(part), page.querySelector(part)]
    if (news === null || shown.contains(document.activeElement)) continue
    for (const title of shown.querySelectorAll('details[open]>summary>[id]'))
      page.getElementById(title.id)?.closest('details')?.setAttribute('open', '')
    if (shown.innerHTML !== news.innerHTML) shown.replaceWith(news)
  }
}
setInterval(() => refresh().catch(() => {}), 15000)
document.addEventListener('visibilitychange', () => refresh().catch(() => {}))
`

const CONTENT_SECURITY_POLICY = scriptedPagePolicy(LIVE_SCRIPT)

/** Sends a page that refreshes itself. */
export function sendLivePage(reply: FastifyReply, page: string): FastifyReply {
  return reply
    .headers({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    .type('text/html; charset=utf-8')
    .send(page)
}
