import { parseArgs } from 'node:util'
import { type Session, withSession } from './admin/session.ts'
import { ConfigError } from './config.ts'

const USAGE = `Usage: npm run admin -- <command>

  stuck                                list jobs, locks and messages that are stuck
  unlock <cluster ID> --reason <text>  end the job that locks a cluster (--force if it is not late)
  replay <webhook ID> [--since <time>] resend the failed messages of a webhook (default: last day)
  purge [--days <n>]                   apply RETENTION_DAYS now
        [--audit-file <file>]          also export the audit records to a new file, and delete them
        [--compact]                    also return the space to the file system; stop the service first
  verify-audit [<hash>]                verify the audit log; a record must have the hash
        [--file <file>]                verify an exported file instead

The settings of the service select the database. With the embedded database, stop the service first.
`
const DAY_MS = 86_400_000
/** As for RETENTION_DAYS. */
const MAX_DAYS = 36_500
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
const HASH = /^[\da-f]{64}$/i
/** The exit code of sysexits.h for a wrong command line. */
const EXIT_USAGE = 64

const OPTIONS = {
  reason: { type: 'string' },
  force: { type: 'boolean', default: false },
  since: { type: 'string' },
  days: { type: 'string' },
  'audit-file': { type: 'string' },
  compact: { type: 'boolean', default: false },
  file: { type: 'string' },
} as const

/** The arguments of each command: whether it takes a subject, and its options. */
const COMMANDS: Record<string, { subject: boolean; options: (keyof typeof OPTIONS)[] }> = {
  stuck: { subject: false, options: [] },
  unlock: { subject: true, options: ['reason', 'force'] },
  replay: { subject: true, options: ['since'] },
  purge: { subject: false, options: ['days', 'audit-file', 'compact'] },
  'verify-audit': { subject: true, options: ['file'] },
}

class UsageError extends Error {}

/** `npm run admin`: exit code 0 for success, 1 for a command that cannot run, 64 for a wrong command line. */
try {
  await run(process.argv.slice(2))
} catch (error) {
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : 1
  const lines = error instanceof ConfigError ? error.faults : [(error as Error).message]
  process.stderr.write(`${lines.join('\n')}\n${error instanceof UsageError ? `\n${USAGE}` : ''}`)
}

async function run(args: string[]): Promise<void> {
  if (args[0] === 'help' || args.some((arg) => arg === '--help' || arg === '-h')) return print(USAGE)
  const { values, positionals } = parse(args)
  const [command, subject] = positionals
  assertKnownArguments(command, positionals, args)
  const open = (act: (session: Session) => Promise<void>) => withSession(process.env, print, act)
  switch (command) {
    case 'stuck': {
      const { listStuck } = await import('./admin/list-stuck.ts')
      return open(listStuck)
    }
    case 'unlock': {
      const cluster = required(subject, 'unlock needs the ARM ID of a cluster.')
      const reason = required(values.reason, 'unlock needs --reason, for the audit log.')
      const { unlockCluster } = await import('./admin/unlock.ts')
      return open((session) => unlockCluster(session, { cluster, reason, force: values.force }))
    }
    case 'replay': {
      const webhookId = required(subject, 'replay needs the ID of a webhook.')
      if (!UUID.test(webhookId)) throw new UsageError('The ID of a webhook is a UUID.')
      const since = toTime(values.since)
      const { replayDeliveries } = await import('./admin/replay.ts')
      return open((session) => replayDeliveries(session, { webhookId, since }))
    }
    case 'purge': {
      const options = {
        days: toDays(values.days),
        auditFile: values['audit-file'] ?? null,
        compact: values.compact,
      }
      const { purge } = await import('./admin/purge.ts')
      return open((session) => purge(session, options))
    }
    case 'verify-audit': {
      const { verifyDatabase, verifyFile } = await import('./admin/verify.ts')
      const known = subject ?? null
      if (known !== null && !HASH.test(known)) throw new UsageError('A hash has 64 hexadecimal digits.')
      if (values.file !== undefined) return verifyFile(values.file, known, print)
      return open((session) => verifyDatabase(session, known))
    }
    case undefined:
      throw new UsageError('A command is missing.')
    default:
      throw new UsageError(`Unknown command: ${command}.`)
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** An argument that a command ignores could change what a user expects it to delete. */
function assertKnownArguments(command: string | undefined, positionals: string[], args: string[]): void {
  const known = command === undefined ? undefined : COMMANDS[command]
  if (known === undefined) return
  const extra = positionals[known.subject ? 2 : 1]
  if (extra !== undefined) throw new UsageError(`${command} does not take the argument ${extra}.`)
  const { tokens } = parseArgs({ args, options: OPTIONS, allowPositionals: true, tokens: true })
  for (const token of tokens)
    if (token.kind === 'option' && !known.options.some((name) => name === token.name))
      throw new UsageError(`${command} does not take the option --${token.name}.`)
}

function required(text: string | undefined, message: string): string {
  if (text === undefined || text.trim() === '') throw new UsageError(message)
  return text
}

/** Engines of databases and of JavaScript accept different times before 1970, and no message is that old. */
function toTime(text: string | undefined): Date {
  const now = Date.now()
  const time = text === undefined ? new Date(now - DAY_MS) : new Date(text)
  if (!(time.getTime() >= 0 && time.getTime() <= now))
    throw new UsageError('--since must be a time in the past, such as 2026-09-01T00:00:00Z.')
  return time
}

function toDays(text: string | undefined): number | null {
  if (text === undefined) return null
  const days = Number(text)
  if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS)
    throw new UsageError(`--days must be a whole number from 1 to ${MAX_DAYS}.`)
  return days
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
