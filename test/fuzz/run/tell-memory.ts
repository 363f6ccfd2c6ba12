import process from 'node:process'

/**
 * Loaded into the service by `--import`, beside `--expose-gc`: on SIGUSR2 the process collects its garbage
 * and tells in its log what is left.
 */
process.on('SIGUSR2', () => {
  globalThis.gc?.()
  globalThis.gc?.()
  process.stdout.write(`${JSON.stringify({ level: 30, memory: process.memoryUsage() })}\n`)
})
