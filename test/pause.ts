// Waiting for what is under way in this process and nobody waits for.

/** Many turns of the event loop, and a moment: on a busy machine time may pass without any turn. */
export async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5))
  for (let turn = 0; turn < 30; turn += 1) await new Promise(setImmediate)
}
