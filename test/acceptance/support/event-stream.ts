import type { Client } from './service.ts'

export interface ReceivedEvent {
  id: string
  data: unknown
}

/** A stream of server-sent events as a client reads it. */
export interface OpenStream {
  status: number
  /** All that arrived so far. */
  events: ReceivedEvent[]
  /** Resolves when so many have arrived, or the stream has ended. */
  has(count: number): Promise<void>
  /** Resolves with true when it ended soundly, with false when it was cut. */
  ended: Promise<boolean>
  /** Goes away. */
  cut(): void
}

/** Opens the events of a job, after the event of this id where one is named. */
export async function openEvents(client: Client, jobId: string, lastEventId?: string): Promise<OpenStream> {
  const going = new AbortController()
  const resumed = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  const answer = await fetch(`${client.url}/v1/jobs/${jobId}/events`, {
    headers: { accept: 'text/event-stream', ...resumed },
    signal: going.signal,
  })
  const events: ReceivedEvent[] = []
  let more = Promise.withResolvers<void>()
  const read = async (): Promise<boolean> => {
    let text = ''
    try {
      for await (const chunk of (answer.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
        const blocks = (text + chunk).split('\n\n')
        text = blocks.pop() ?? ''
        events.push(...blocks.flatMap(parsed))
        more.resolve()
        more = Promise.withResolvers()
      }
      return true
    } catch {
      return false
    } finally {
      more.resolve()
    }
  }
  const ended = answer.body === null ? Promise.resolve(true) : read()
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  return {
    status: answer.status,
    events,
    async has(count) {
      while (events.length < count && !isOver) await Promise.race([more.promise, ended])
    },
    ended,
    cut: () => going.abort(),
  }
}

function parsed(block: string): ReceivedEvent[] {
  const id = /^id: (.*)$/m.exec(block)?.[1]
  const data = /^data: (.*)$/m.exec(block)?.[1]
  return id === undefined || data === undefined ? [] : [{ id, data: JSON.parse(data) as unknown }]
}
