import type { FastifyInstance } from 'fastify'
import { scriptedPagePolicy } from '../conditional/content-negotiation.ts'

/**
 * Reads the secret from the fragment, which browsers never send, and requests the report with it. The tab remembers the
 * secret for a reload, so the address bar and the history do not show it. The report replaces the page. The policy of the
 * page remains in force, so a script in a report could not run.
 */
const SCRIPT = `
const message = document.querySelector('main')
const path = location.pathname.replace('/shared/', '/v1/')
if (location.hash.startsWith('#aeps_')) {
  sessionStorage.setItem(path, location.hash.slice(1))
  history.replaceState(null, '', location.pathname)
}
async function open() {
  const secret = sessionStorage.getItem(path)
  if (secret === null) throw new Error('The link is incomplete. Open the complete link that you received.')
  const headers = { authorization: 'ShareLink ' + secret, accept: 'text/html, application/json;q=0.5' }
  const response = await fetch(path, { headers, cache: 'no-store', credentials: 'omit' })
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('text/html')) {
    const page = await response.text()
    document.open()
    document.write(page)
    document.close()
    return
  }
  const body = await response.json()
  if (!response.ok) throw new Error(body.detail + ' ' + body.remedy)
  const text = document.createElement('pre')
  text.textContent = JSON.stringify(body, null, 2)
  message.replaceChildren(text)
}
open().catch((error) => {
  message.textContent = error.message
})
`

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>AKS Egress Planner</title>
</head>
<body>
<main>Opening…</main>
<noscript>This page requires JavaScript.</noscript>
<script type="module">${SCRIPT}</script>
</body>
</html>
`

const CONTENT_SECURITY_POLICY = scriptedPagePolicy(SCRIPT)

/** The pages that share links lead to. They contain no data, so they are the same for everyone and need no caller. */
export function addSharedPages(app: FastifyInstance): void {
  for (const path of ['/shared/plans/:planId', '/shared/jobs/:jobId'])
    app.get(path, { schema: { hide: true }, config: { public: true } }, async (_request, reply) =>
      reply
        .headers({
          'content-security-policy': CONTENT_SECURITY_POLICY,
          'cache-control': 'no-store',
          'x-robots-tag': 'noindex',
        })
        .type('text/html; charset=utf-8')
        .send(PAGE),
    )
}
