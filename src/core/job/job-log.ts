import type { JobEvent } from './events.ts'
import type { JobLogEntry } from './job.ts'

/** An event in words, for people and for the audit; pollers and inner state stay inside. */
export function logEntry(event: JobEvent, sequence: number): JobLogEntry {
  return {
    sequence,
    at: event.at,
    type: event.type,
    step: 'step' in event ? event.step : null,
    message: sentence(event),
  }
}

function sentence(event: JobEvent): string {
  switch (event.type) {
    case 'accepted':
      return `Accepted for ${event.by}.`
    case 'stepStarted':
      return 'Started.'
    case 'writeIntended':
      return 'About to write the cluster.'
    case 'writeAccepted':
      return `Azure took the write${event.requestId === null ? '' : ` (request ${event.requestId})`}.`
    case 'writeRefused':
      return `The write was not taken: ${event.fault.code}: ${event.fault.message}${event.retryAt === null ? '' : ` Next try at ${event.retryAt}.`}`
    case 'writeNotSeen':
      return `No answer to the write is recorded and the cluster shows no trace of it; looking again at ${event.lookAgainAt}.`
    case 'writeLost':
      return 'The write never reached the cluster; it may be made again.'
    case 'writeAdopted':
      return `No answer to the write is recorded, but the cluster shows it: ${event.because}`
    case 'pollMoved':
      return 'Azure moved the address of the operation.'
    case 'operationEnded':
      return event.error === null
        ? 'The operation ended.'
        : `The operation ended, with ${event.error.code} beside it.`
    case 'faulted':
      return `${event.fault.code}: ${event.fault.message} Next try at ${event.retryAt}.`
    case 'recovered':
      return 'Azure answers again.'
    case 'warned':
      return event.message
    case 'stepSucceeded':
      return 'Done.'
    case 'stepSkipped':
      return `Skipped: ${event.because}`
    case 'cancelRequested':
      return `Cancellation asked for by ${event.by}${event.abort === true ? ', and for Azure to abort what it does' : ''}.`
    case 'held':
      return 'Held: nothing moves traffic until somebody releases the job.'
    case 'released':
      return `Released by ${event.by}.`
    case 'rechecked':
      return 'Looked at the cluster again after the hold: it is still as the plan saw it.'
    case 'abortRequested':
      return event.refusal === null
        ? 'Azure was asked to abort the operation.'
        : `Azure did not abort the operation: ${event.refusal.code}: ${event.refusal.message}`
    case 'rollbackStarted':
      return `${event.error.message} Taking the change back.`
    case 'ended':
      return event.error === null ? `${event.status}.` : `${event.status}: ${event.error.message}`
  }
}
