import { ref } from '../../contract/fields.ts'
import { IF_NONE_MATCH, PREFERENCE_APPLIED, ProbePathSchema, preferWait } from '../../contract/parameters.ts'
import { ProbeSchema } from '../../contract/probe.ts'
import type { JobText } from '../../jobs/jobs.ts'
import {
  ETAG_HEADERS,
  hasIfNoneMatch,
  matchesIfNoneMatch,
  NOT_MODIFIED,
  toEtag,
  withEtag,
} from '../conditional/etag.ts'
import { POLL_HEADERS, parsePreferWait, resolveRetryAfter, waitForChange } from '../conditional/long-poll.ts'
import { EXAMPLE_PROBE } from '../examples/probes.ts'
import { defineOperation } from './define-operation.ts'

const HEADERS = { ...POLL_HEADERS, ...ETAG_HEADERS, ...PREFERENCE_APPLIED }

export const getProbe = defineOperation({
  operationId: 'getProbe',
  method: 'GET',
  path: '/v1/probes/:probeId',
  tag: 'Probes',
  summary: 'Poll a probe',
  description:
    'Returns 200 for every existing probe, including failed probes. Supports `If-None-Match` and `Prefer: wait=30` like jobs.',
  grant: 'Egress.Read',
  subject: 'path',
  params: ProbePathSchema,
  headers: { ...IF_NONE_MATCH, ...preferWait('probe', 'A finished probe is returned immediately.') },
  responses: {
    200: {
      description: 'The current state of the probe.',
      schema: ref(ProbeSchema),
      example: { probe: EXAMPLE_PROBE },
      headers: HEADERS,
    },
    304: { ...NOT_MODIFIED, headers: HEADERS },
  },
  problems: ['PROBE_NOT_FOUND'],
  handle: async ({ probes, azure, changes }, { params: { probeId }, request, reply }) => {
    const read = () => probes.getText(probeId)
    const isKnown = ({ version }: JobText) => matchesIfNoneMatch(request, toEtag(version))
    const send = (probe: JobText) => {
      if (!probe.isFinished) reply.header('retry-after', resolveRetryAfter(azure, probe, new Date()))
      const marked = withEtag(reply, toEtag(probe.version))
      return hasIfNoneMatch(request) && isKnown(probe)
        ? marked.code(304).send()
        : marked.type('application/json; charset=utf-8').send(probe.text)
    }
    const seconds = parsePreferWait(request.headers.prefer)
    if (seconds !== null) {
      const isNews = (now: JobText, first: JobText) =>
        now.isFinished || (hasIfNoneMatch(request) ? !isKnown(now) : now.version !== first.version)
      const poll = { id: probeId, seconds, changes, read, isNews }
      const { waited, news } = await waitForChange(request, reply, poll)
      if (waited) reply.header('preference-applied', `wait=${seconds}`)
      if (news !== null) return send(news)
    }
    return send(await read())
  },
})
