// Much to do, some of it at once.

/** Does `work` for each number from `first` up to, but not with, `end`, in their order; `atOnce` of them at a time. */
export async function someAtOnce(
  { first = 0, end, atOnce }: { readonly first?: number; readonly end: number; readonly atOnce: number },
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = first
  const workOn = async () => {
    while (next < end) {
      const index = next
      next += 1
      await work(index)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, workOn))
}
