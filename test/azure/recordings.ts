import { readdirSync, readFileSync } from 'node:fs'
import type { JsonObject } from '../../src/contract/json.ts'

export interface Interaction {
  recording: string
  method: string
  uri: string
  status: number | null
  requestBody: JsonObject | null
  responseHeaders: Record<string, string> | null
  responseBody: JsonObject | null
}

const FOLDER = new URL('../data/recordings/', import.meta.url)

export function recording<T = { interactions: Interaction[] }>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as T
}

/** Every recorded exchange of every recording, in order. */
export function interactions(): Interaction[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const { interactions = [] } = recording<{ interactions?: Interaction[] }>(name)
      return interactions.map((interaction) => ({ ...interaction, recording: name.replace('.json', '') }))
    })
}

/** The recorded bodies of one resource type, such as `Microsoft.Network/natGateways`, from GETs and PUTs. */
export function recordedBodies(type: string): { from: string; method: string; body: JsonObject }[] {
  return interactions().flatMap(({ recording: from, method, responseBody: body }) => {
    const items = Array.isArray(body?.value) ? (body.value as JsonObject[]) : body === null ? [] : [body]
    return items
      .filter((item) => String(item.type).toLowerCase() === type.toLowerCase())
      .map((item) => ({ from, method, body: item }))
  })
}
