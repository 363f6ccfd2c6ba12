import { startSharedServer } from './shared-server.ts'

/** Runs once before all test files; tap is the parent of this process and of every test file. */
await startSharedServer(process.ppid)
