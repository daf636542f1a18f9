// Batches and their outcomes as they travel between threads, which costs by the object and by the name of each property.
import type { Operation, Outcome } from './operation.ts'

/** Operations as they are, but of an entry that is to be appended all that there is, one after the other, its store first. */
export type PackedBatch = readonly (Operation | string | number | undefined)[]

/** Outcomes, or that all was done and there is nothing to tell of it. */
export type PackedOutcomes = Outcome[] | 'done'

const done: Outcome = { answer: undefined }

/** A batch as it travels. */
export function packBatch(batch: readonly Operation[]): PackedBatch {
  const packed: (Operation | string | number | undefined)[] = []
  for (const operation of batch) {
    if (operation.kind === 'append') {
      const { store, owner, keep, entry } = operation
      const { id, when, with: party, resource, value, text } = entry
      packed.push(store, owner, keep, id, when, party, resource, value, text)
    } else packed.push(operation)
  }
  return packed
}

/** The batch that travelled. */
export function unpackBatch(packed: PackedBatch): Operation[] {
  const batch: Operation[] = []
  let index = 0
  const next = <T>(): T => packed[index++] as T
  while (index < packed.length) {
    const first = next<Operation | string>()
    if (typeof first === 'string') batch.push(appendOf(first, next))
    else batch.push(first)
  }
  return batch
}

/** Calls `next` in the order in which `packBatch` has it. */
function appendOf(store: string, next: <T>() => T): Operation<'append'> {
  const owner = next<string>()
  const keep = next<number | undefined>()
  const id = next<string>()
  const when = next<number>()
  const party = next<string>()
  const entry = {
    id,
    when,
    with: party,
    resource: next<string>(),
    value: next<string>(),
    text: next<string>(),
  }
  return { kind: 'append', store, owner, entry, keep }
}

/** Outcomes as they travel. */
export function packOutcomes(outcomes: Outcome[]): PackedOutcomes {
  const isDone = outcomes.every((outcome) => 'answer' in outcome && outcome.answer === undefined)
  return isDone ? 'done' : outcomes
}

/** The outcomes of `count` operations that travelled. */
export function unpackOutcomes(packed: PackedOutcomes, count: number): readonly Outcome[] {
  return packed === 'done' ? new Array<Outcome>(count).fill(done) : packed
}
