// XEP-0313: what the archives of accounts and of rooms have in common: what is kept, how one asks, what one gets.
export { isArchivable, isLasting } from './archivable.ts'
export { fulltextNamespace, metadataElement, namespace, queryForm } from './archive-elements.ts'
export { type Answered, type ArchiveShelf, answerMetadata, answerQuery } from './archive-page.ts'
export { type ArchiveRequest, parseArchiveRequest, type RequestLimits } from './archive-request.ts'
export { expire } from './expire.ts'
export { searchText } from './search-text.ts'
