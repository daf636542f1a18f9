// What became of a node's items, for those who keep the same elsewhere in another form.
import type { Element } from '../../xml/element.ts'

/** An item as it was published. */
export interface PublishedItem {
  readonly id: string
  readonly payload: Element | undefined
}

/** A change of what a node holds, once it is kept. */
export interface NodeChange {
  readonly node: string
  readonly published: readonly PublishedItem[]
  /** Ids of the items that were taken back. */
  readonly retracted: readonly string[]
  /** Whether all items are gone: purged, or deleted with their node. */
  readonly isEmptied: boolean
  /** The extension that did it in the owner's name; `undefined` where somebody asked for it. */
  readonly origin: string | undefined
}

/** What a request has changed. */
export type ChangeParts = Partial<Omit<NodeChange, 'origin'>> & Pick<NodeChange, 'node'>
