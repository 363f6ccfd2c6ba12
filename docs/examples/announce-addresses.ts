/**
 * Executes a plan once it is approved, tells every partner the new addresses during the hold, and releases the job. It
 * keeps no state: stop it at any point and start it again with the same arguments, and it continues where it was.
 *
 *     SERVICE_URL=https://egress.example.com TOKEN=… node announce-addresses.ts <plan ID> <inbox of a partner>…
 */
type Plan = { jobId: string | null; acknowledgementsRequired: string[] }
type Job = { id: string; status: string; actions: { release: boolean }; timestamps: { finishedAt: unknown } }
type Changes = { cluster: { name: string }; items: { advice: string; cidr: string }[] }

const { SERVICE_URL = '', TOKEN = '' } = process.env
const [planId = '', ...inboxes] = process.argv.slice(2)
const wait = (seconds = '1') => new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1_000))

/** Sends a request until it has an answer. The key makes the receiver take a repeated request for the first one. */
async function send(method: string, url: string, key: string, body?: object, token?: object) {
  const headers = { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }), ...token }
  for (;;) {
    const answer = await fetch(url, { method, headers, body: JSON.stringify(body) ?? null }).catch(() => null)
    if (answer?.ok || answer?.status === 409) return answer
    if (answer && answer.status < 500 && answer.status !== 429) throw new Error(`${url}: ${answer.status}`)
    await wait(answer?.headers.get('retry-after') ?? undefined)
  }
}
async function ask<T>(method: string, path: string, body?: object, key = ''): Promise<T & { code?: string }> {
  const answer = await send(method, SERVICE_URL + path, key, body, { authorization: `Bearer ${TOKEN}` })
  return (await answer.json()) as T & { code?: string }
}

const plan = await ask<Plan>('GET', `/v1/plans/${planId}`)
// The approver has read the findings: the service rejects the job until the plan is approved.
const order = { planId, acknowledge: plan.acknowledgementsRequired, holdBeforeCutOver: true }
for (let jobId = plan.jobId; ; await wait()) {
  const job = await (jobId === null
    ? ask<Job>('POST', '/v1/jobs', order, `announce-${planId}`)
    : ask<Job>('GET', `/v1/jobs/${jobId}`))
  if (job.code === 'APPROVAL_MISSING') continue
  if (job.code !== undefined) throw new Error(JSON.stringify(job))
  jobId = job.id
  if (job.timestamps.finishedAt !== null) process.exit(job.status === 'Succeeded' ? 0 : 1)
  if (!job.actions.release) continue
  const { cluster, items } = await ask<Changes>('GET', `/v1/jobs/${jobId}/ip-changes`)
  if (items.some(({ advice }) => advice === 'allowWhenKnown'))
    throw new Error(`Azure creates addresses at the cutover. Cancel job ${jobId}; let a plan prepare them.`)
  const allow = items.filter(({ advice }) => advice === 'allowBefore').map(({ cidr }) => cidr)
  for (const inbox of inboxes)
    await send('POST', inbox, `announce-${jobId}`, { cluster: cluster.name, allow })
  await ask('POST', `/v1/jobs/${jobId}/release`, { reason: 'Every partner was told.' }, `release-${jobId}`)
}
