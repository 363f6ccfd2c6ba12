import { addAbortSignal, type Readable } from 'node:stream'

/** Of one response, decompressed. The largest known answers, lists of virtual networks, stay below it. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024

/**
 * The text of a body; null for a body of more than `MAX_ANSWER_BYTES`, of which the rest is not read. `abandon` ends the
 * request. The SDK itself reads bodies without a limit, so that a small compressed body can fill the memory.
 */
export async function readBody(
  stream: Readable,
  signal: AbortSignal,
  abandon: () => void,
): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  // A decompressing stream does not notice by itself that its source was aborted.
  for await (const chunk of addAbortSignal(signal, stream)) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) {
      abandon()
      return null
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
