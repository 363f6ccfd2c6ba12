import type { DomainErrorFacts } from '../../core/lib/errors.ts'
import { bodyError, factList, factText, type ProblemRecord, withPrefix } from './problem-record.ts'

/** Why a URL is rejected, by the fact `reason`. */
const URL_REJECTION_REASONS: Record<string, string> = {
  NOT_A_URL: 'the URL is not an http or https URL',
  NOT_HTTPS: 'the URL uses http, which is allowed only for networks in `WEBHOOK_ALLOWED_NETWORKS`',
  CREDENTIALS: 'the URL contains a user name or a password',
  NAME_UNKNOWN: 'the host name does not resolve to an address',
  ADDRESS_REFUSED: 'the host has a private, loopback or other non-public address',
}

const AFTER_WAIT = 'Wait for the number of seconds in the header `Retry-After` of this response, then retry.'

/** Problems of the request itself: 400, 405 to 408, and 412 to 431. */
export const REQUEST_PROBLEMS = {
  INVALID_REQUEST: {
    status: 400,
    title: 'Invalid request',
    detail: (facts) => `The request has ${errorCount(facts)}; \`errors\` shows where and why.`,
    remedy: 'Fix the fields, parameters and headers in `errors` and retry the request.',
    example: { faults: 1 },
    exampleErrors: bodyError(
      'FIELD_UNKNOWN',
      '/target/outbound',
      'outbound is not a field of this request. Allowed in target: outboundType, natGateway, loadBalancer.',
    ),
  },
  PARAMETER_NOT_FOR_TARGET: {
    status: 400,
    title: 'Parameter does not apply to this target',
    detail: () =>
      'The request contains parameters that do not apply to the requested outbound type; `errors` lists these parameters.',
    remedy:
      'Remove the parameters that `errors` lists, or choose an outbound type that supports these parameters.',
    example: {},
    exampleErrors: bodyError(
      'PARAMETER_NOT_FOR_TARGET',
      '/target/natGateway',
      'natGateway applies only to the outbound types managedNATGateway and managedNATGatewayV2, not to userDefinedRouting.',
    ),
  },
  PARAMETERS_EXCLUDE_EACH_OTHER: {
    status: 400,
    title: 'Mutually exclusive parameters',
    detail: () => 'The request contains mutually exclusive parameters; `errors` lists these parameters.',
    remedy: 'Keep one parameter of each entry of `errors`, and remove the others.',
    example: {},
    exampleErrors: bodyError(
      'PARAMETERS_EXCLUDE_EACH_OTHER',
      '/window/timeZone',
      'timeZone and utcOffset are mutually exclusive; specify only one of them.',
    ),
  },
  PARAMETER_OUT_OF_RANGE: {
    status: 400,
    title: 'Parameter out of range',
    detail: () =>
      'The request contains numbers outside the allowed ranges; `errors` lists these numbers and ranges.',
    remedy: 'Set each number that `errors` lists to a value in its range.',
    example: {},
    exampleErrors: bodyError(
      'PARAMETER_OUT_OF_RANGE',
      '/target/natGateway/idleTimeoutInMinutes',
      'idleTimeoutInMinutes must be a whole number from 4 to 120.',
    ),
  },
  SHARE_LINK_TOO_LONG: {
    status: 400,
    title: 'Share link lifetime too long',
    detail: (facts) =>
      `The lifetime of the share link exceeds the maximum of this service${withPrefix(': ', factText(facts.maxMinutes))}${facts.maxMinutes === undefined ? '' : ' minutes'}.`,
    remedy:
      'Set `expiresInMinutes` to this maximum or less. The operator sets the maximum with `SHARE_LINK_MAX_MINUTES`.',
    example: { maxMinutes: 60 },
  },
  SCHEDULE_IMPOSSIBLE: {
    status: 400,
    title: 'Impossible schedule',
    detail: (facts) => `The job cannot start with this schedule${withPrefix(': ', factText(facts.reason))}.`,
    remedy:
      'Set `notBefore` at most 31 days ahead, and choose a `window` that opens within 31 days. Set `giveUpAt` later than `notBefore` and later than the next opening of the `window`. If this service cannot read the maintenance window of the cluster, or the cluster has none, replace `window: cluster` with `daysOfWeek`, `startTime` and `durationHours`.',
    example: { parameter: 'giveUpAt', reason: 'giveUpAt is in the past' },
  },
  TIME_ZONE_UNKNOWN: {
    status: 400,
    title: 'Unknown time zone',
    detail: () =>
      'The request contains time zones that are not in the IANA time zone database; `errors` lists these time zones.',
    remedy:
      'Set each `timeZone` that `errors` lists to a name such as `Europe/Berlin` or `America/New_York`, or set `utcOffset` instead.',
    example: {},
    exampleErrors: bodyError(
      'TIME_ZONE_UNKNOWN',
      '/window/timeZone',
      'timeZone must be a name in the IANA time zone database, such as Europe/Berlin.',
    ),
  },
  RESOURCE_ID_INVALID: {
    status: 400,
    title: 'Invalid resource ID',
    detail: () =>
      'The request contains resource IDs that are not ARM IDs of the expected resource types; `errors` lists these IDs.',
    remedy:
      'Replace each ID that `errors` lists with the ID from the Azure portal (JSON view) or from the output of `az … show --query id`.',
    example: {},
    exampleErrors: bodyError(
      'RESOURCE_ID_INVALID',
      '/cluster/id',
      'id must be the ARM id of a managed cluster: /subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerService/managedClusters/….',
    ),
  },
  CURSOR_INVALID: {
    status: 400,
    title: 'Invalid cursor',
    detail: () => 'The cursor was not issued by this service for this list with these filters.',
    remedy:
      'Request the first page without `cursor`. For each further page, send the same filters, and set `cursor` to `next` of the previous page.',
    example: {},
  },
  ACKNOWLEDGEMENT_UNKNOWN: {
    status: 400,
    title: 'Unknown acknowledgement',
    detail: (facts) =>
      `The list \`acknowledge\` contains codes of findings that the plan does not have${withPrefix(': ', factList(facts.codes))}.`,
    remedy: "List exactly the codes in the plan's `acknowledgementsRequired`.",
    example: { codes: ['EGRESS_IP_LOSST'], known: ['EGRESS_IP_LOST'] },
  },
  WEBHOOK_URL_REFUSED: {
    status: 400,
    title: 'Webhook URL rejected',
    detail: (facts) =>
      `Messages to ${factText(facts.host) || 'this URL'} are not allowed: ${URL_REJECTION_REASONS[factText(facts.reason)] ?? 'the URL is invalid'}.`,
    remedy:
      'Use an https URL that has a public host and contains no credentials. For a receiver in a private network, ask the operator to set `WEBHOOK_ALLOWED_NETWORKS`.',
    example: { reason: 'ADDRESS_REFUSED', host: 'localhost' },
  },
  WEBHOOK_SECRET_INVALID: {
    status: 400,
    title: 'Invalid webhook secret',
    detail: () => 'The field `secret` must contain `whsec_`, followed by 24 to 64 bytes in base64.',
    remedy: 'Create a secret with `echo "whsec_$(openssl rand -base64 32)"`.',
    example: {},
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    title: 'Invalid idempotency key',
    detail: () => 'The header `Idempotency-Key` must contain one key of 1 to 255 printable ASCII characters.',
    remedy: 'Send one key, such as a new UUID for each request, or omit the header.',
    example: {},
  },
  MALFORMED_JSON: {
    status: 400,
    title: 'Malformed JSON',
    detail: (facts) => `The body is not valid JSON${withPrefix(': ', factText(facts.reason))}.`,
    remedy: 'Send one JSON object, encoded as UTF-8.',
    example: { reason: 'Unexpected end of JSON input' },
  },
  MALFORMED_URL: {
    status: 400,
    title: 'Malformed URL',
    detail: () => 'The path contains a percent sign that does not start a valid UTF-8 sequence.',
    remedy: 'Encode each segment of the path as UTF-8 with percent-encoding.',
    example: {},
  },
  MALFORMED_HTTP: {
    status: 400,
    title: 'Malformed HTTP',
    detail: (facts) =>
      facts.repeatedHeader === undefined
        ? 'The received data is not an HTTP/1.1 request.'
        : `The request contains the header \`${factText(facts.repeatedHeader)}\` more than once.`,
    remedy:
      'Fix the request that the client sends. If that request is correct, look for a proxy that changes the request on its way to this service.',
    example: {},
  },
  BODY_INCOMPLETE: {
    status: 400,
    title: 'Incomplete body',
    detail: () => 'The length of the body differs from its `Content-Length`.',
    remedy: 'Send the request again with the correct `Content-Length`.',
    example: {},
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'Method not allowed',
    detail: (facts) =>
      `${factText(facts.method) || 'This method'} is not allowed for this path${withPrefix('; allowed: ', factList(facts.allowed))}.`,
    remedy: 'Use one of the methods in the header `Allow`.',
    example: { method: 'PUT', allowed: ['GET', 'HEAD', 'POST'] },
  },
  NOT_ACCEPTABLE: {
    status: 406,
    title: 'No acceptable media type',
    detail: (facts) =>
      `The header \`Accept\`${withPrefix(' (', factText(facts.accept))}${facts.accept === undefined ? '' : ')'} allows none of the available media types${withPrefix(': ', factList(facts.available))}.`,
    remedy: 'Send an available media type in the header `Accept`, or omit the header to get JSON.',
    example: { accept: 'application/pdf', available: ['application/json', 'text/markdown', 'text/html'] },
  },
  REQUEST_TIMEOUT: {
    status: 408,
    title: 'Request not received in time',
    detail: () => 'The request did not arrive completely within the time limit.',
    remedy: 'Send the request again.',
    example: {},
  },
  PRECONDITION_FAILED: {
    status: 412,
    title: 'Resource has changed',
    detail: (facts) =>
      `The header \`If-Match\` does not match the current version${withPrefix(', which is ', factText(facts.etag))}; nothing was changed.`,
    remedy:
      'Read the resource again, and check whether the change is still correct. If it is correct, retry with the current ETag in `If-Match`, or without this header.',
    example: { etag: '"8"' },
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'Body too large',
    detail: (facts) =>
      facts.limitInBytes === undefined
        ? 'The body is larger than this service allows.'
        : `The body is larger than the limit of ${factText(facts.limitInBytes)} bytes.`,
    remedy: 'Send a smaller body.',
    example: { limitInBytes: 262_144 },
  },
  URI_TOO_LONG: {
    status: 414,
    title: 'URL too long',
    detail: () => 'A segment of the path is longer than any valid name.',
    remedy: 'Fix the code that builds the URL: each segment must be a valid name or ID.',
    example: {},
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'Unsupported media type',
    detail: (facts) =>
      facts.contentEncoding === undefined
        ? `The \`Content-Type\` of the body is ${factText(facts.contentType) || 'missing'}; this service accepts only application/json.`
        : `The \`Content-Encoding\` of the body is ${factText(facts.contentEncoding)}; this service accepts only bodies without an encoding.`,
    remedy: 'Send JSON with the header `Content-Type: application/json` and without `Content-Encoding`.',
    example: { contentType: 'text/xml' },
  },
  EXPECTATION_FAILED: {
    status: 417,
    title: 'Expectation failed',
    detail: () => 'The header `Expect` has a value other than 100-continue.',
    remedy: 'Remove the header `Expect`.',
    example: {},
  },
  HOST_UNKNOWN: {
    status: 421,
    title: 'Unknown host',
    detail: (facts) =>
      `This service does not serve the host${withPrefix(' ', factText(facts.host))}. It serves only these host names${withPrefix(': ', factList(facts.knownHosts))}.`,
    remedy:
      'Use a host name that this service serves, or ask the operator to add your host name to `ALLOWED_HOSTS`. If a proxy forwards the request, configure the proxy to send an allowed name in the header `Host`.',
    example: { host: 'other.example:8080', knownHosts: ['localhost', '127.0.0.1', '[::1]'] },
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'Idempotency key already used',
    detail: () =>
      'The caller has already used this `Idempotency-Key` for a request with a different path or body.',
    remedy:
      'Send a new key with each new request. To repeat a request, send the same request with the same key.',
    example: {},
  },
  TOO_MANY_REQUESTS: {
    status: 429,
    title: 'Too many requests',
    retryAfterSeconds: 60,
    detail: (facts) =>
      facts.limit === undefined
        ? 'The caller has exceeded the rate limit.'
        : `The caller has exceeded the rate limit of ${factText(facts.limit)} ${factText(facts.policy)} in ${factText(facts.windowSeconds)} s.`,
    remedy: `${AFTER_WAIT} If the limit of reads is exceeded, poll less often: each response to a poll of a job states in \`Retry-After\` when to poll again.`,
    remedyFor: ({ policy }) => (policy === 'writes' ? AFTER_WAIT : undefined),
    example: { policy: 'writes', limit: 600, windowSeconds: 60, retryAfterSeconds: 17 },
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: 'Headers too large',
    detail: () => 'The request line and the headers together are larger than this service allows.',
    remedy: 'Send a shorter URL, or fewer or smaller headers.',
    example: {},
  },
} as const satisfies Record<string, ProblemRecord>

function errorCount({ faults }: DomainErrorFacts): string {
  if (faults === undefined) return 'errors'
  return faults === 1 ? '1 error' : `${factText(faults)} errors`
}
