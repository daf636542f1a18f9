// The page that starts Converse.js: what it has to know stands in attributes of <body>.

/** What the page is told. */
export interface PageFacts {
  readonly domain: string
  readonly title: string
  /** Domain of the rooms, if there are any. */
  readonly rooms: string | undefined
  /** Whether who has no account may come in. */
  readonly admitsGuests: boolean
}

/** The page as HTML. */
export function chatPage({ domain, title, rooms, admitsGuests }: PageFacts): string {
  const facts = [
    ['domain', domain],
    ['rooms', rooms ?? ''],
    ['guests', admitsGuests ? 'yes' : 'no'],
  ]
  const data = facts.map(([name, value]) => ` data-${name}="${escapeHtml(value as string)}"`).join('')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="converse/images/favicon.ico">
<link rel="stylesheet" href="converse/converse.min.css">
<link rel="stylesheet" href="chat/chat.css">
<script src="chat/brand.js" type="module"></script>
<script src="converse/converse.min.js" type="module"></script>
<script src="chat/chat.js" type="module"></script>
</head>
<body class="converse-fullscreen"${data}>
<noscript>The chat needs JavaScript.</noscript>
<div id="conversejs-bg"></div>
<a id="as-guest" hidden href="?guest">Come in as a guest</a>
</body>
</html>
`
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] as string)
}
