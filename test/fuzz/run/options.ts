/** A run that begins with the same number makes the same requests. */
const SEED = 20_260_901

/** `SEED`, `REQUESTS`, and `FUZZ_PATH` of a failure that is to come again. */
export function optionsFrom(environment: NodeJS.ProcessEnv, requests: number) {
  return {
    seed: Number(environment.SEED ?? SEED),
    requests: Number(environment.REQUESTS ?? requests),
    path: environment.FUZZ_PATH ?? null,
  }
}
