// One thing after the other, without waiting where there is nothing to wait for.

/** Does `action` for each item that is left, each when the one before is done: now, as long as none answers with a promise. */
export function eachInTurn<Item>(
  items: Iterator<Item>,
  action: (item: Item) => void | Promise<void>,
): void | Promise<void> {
  for (let next = items.next(); !next.done; next = items.next()) {
    const pending = action(next.value)
    if (pending) return pending.then(() => eachInTurn(items, action))
  }
}
