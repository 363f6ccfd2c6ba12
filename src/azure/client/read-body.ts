import { addAbortSignal, type Readable } from 'node:stream'

/** The maximum size of one decompressed response. The largest known responses, lists of virtual networks, are smaller. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024

/**
 * The text of a body. Null if the body exceeds `MAX_ANSWER_BYTES`: the rest is not read, and `abandon` ends the
 * request. The SDK has no limit, so a small compressed body could fill the memory.
 */
export async function readBody(
  stream: Readable,
  signal: AbortSignal,
  abandon: () => void,
): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  // A decompressing stream does not detect that its source was aborted.
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
