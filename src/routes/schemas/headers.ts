import { type TProperties, Type } from 'typebox'

/**
 * The headers of a request that an operation reads. Others never fail a call, so this object is open. None has an
 * example of its own: Swagger UI fills examples in and sends them, so that everybody would share one Idempotency-Key.
 */
export function requestHeaders<T extends TProperties>(headers: T) {
  return Type.Object(headers)
}

export const IF_NONE_MATCH = {
  'If-None-Match': Type.Optional(
    Type.String({
      description:
        'The `ETag` of an answer that the caller has, such as `"7"`: 304 while it is still the present one.',
    }),
  ),
}

/** `of`: what the tag is of. */
export function ifMatch(of: string) {
  return {
    'If-Match': Type.Optional(
      Type.String({
        description: `The \`ETag\` of ${of} as the caller has read it, such as \`"7"\`: 412 and no effect where it has changed since.`,
      }),
    ),
  }
}

export const PREFER_WAIT = {
  Prefer: Type.Optional(
    Type.String({
      description:
        '`wait=n` (RFC 7240), such as `wait=30`: answer as soon as there is news, after n seconds at the latest, 60 at most. News is a job that is not the one of `If-None-Match`, or without that header one that is not as it was when the request came; a finished job is answered at once.',
    }),
  ),
}

export const PREFERENCE_APPLIED = {
  'preference-applied': {
    type: 'string',
    description:
      'The `wait=n` that was applied; not there when none was asked for, or none that is understood.',
  },
}

export const LAST_EVENT_ID = {
  'Last-Event-ID': Type.Optional(
    Type.String({
      description:
        'For a stream that is resumed: the `id` of the last entry that arrived, such as `7`. Goes before the parameter `after`.',
    }),
  ),
}

export const IDEMPOTENCY_KEY = {
  'Idempotency-Key': Type.Optional(
    Type.String({
      description:
        "A name for this request, of the caller's own choice: 1 to 255 printable ASCII characters, such as a new UUID. A request that is sent again with it within 24 hours is answered as the first time and done once. Keys of different callers never meet; a refused request leaves its key free.",
    }),
  ),
}

export const IDEMPOTENCY_REPLAYED = {
  'idempotency-replayed': {
    type: 'string',
    description: '`true`: this is the answer to an earlier request with the same key; nothing was done now.',
  },
}
