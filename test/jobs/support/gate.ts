/** Whether a promise is still open after everything that could run has run. */
export async function unsettled(promise: Promise<unknown>): Promise<boolean> {
  const turn = new Promise<true>((resolve) => setImmediate(() => resolve(true)))
  return Promise.race([promise.then(() => false), turn])
}
