// A picture of where the time of a CPU profile went: `node bench/flame-graph.ts FILE.cpuprofile PICTURE.svg [seconds to skip]`.
import { readFileSync, writeFileSync } from 'node:fs'

/** What Node writes with `--cpu-prof`, as far as it is needed. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[]
}

/** A function, called by the one that holds it, with its own time and that of what it calls, in microseconds. */
interface Frame {
  readonly name: string
  readonly kind: 'own' | 'node' | 'engine'
  total: number
  readonly callees: Map<string, Frame>
}

const width = 1200
const rowHeight = 16
const leastWidth = 2
const colorByKind = { own: '#6fb59a', node: '#b8b4d6', engine: '#e0b48a' } as const

/** Draws the functions of a profile, callers below; `skipSeconds` of its beginning are left out, and idle time is. */
export function flameGraph(profile: Profile, skipSeconds: number): string {
  const root = gather(profile, skipSeconds * 1e6)
  const boxes: string[] = []
  const depth = draw(root, { x: 0, row: 0, scale: width / root.total }, boxes)
  const height = (depth + 1) * rowHeight + 24
  const title = `<text x='4' y='15'>${(root.total / 1e6).toFixed(2)} s busy; green: Balcony, violet: Node, orange: V8 and native code</text>`
  const style = '<style>text{font:10px monospace;fill:#222}</style>'
  const all = boxes.map((box) => box.replaceAll('BOTTOM', String(height)))
  return `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ${width} ${height}' width='${width}' height='${height}'>${style}<rect width='${width}' height='${height}' fill='#fff'/>${title}\n${all.join('\n')}\n</svg>\n`
}

function gather({ nodes, samples, timeDeltas }: Profile, skip: number): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const callerOf = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])))
  const root: Frame = { name: 'all', kind: 'engine', total: 0, callees: new Map() }
  let time = 0
  for (const [index, sample] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0
    time += delta
    if (time < skip || byId.get(sample)?.callFrame.functionName === '(idle)') continue
    const stack: number[] = []
    for (let id: number | undefined = sample; id !== undefined; id = callerOf.get(id)) stack.unshift(id)
    let frame = root
    root.total += delta
    // The first is the profile's own root.
    for (const id of stack.slice(1)) {
      frame = calleeOf(frame, byId.get(id)?.callFrame ?? { functionName: '', url: '' })
      frame.total += delta
    }
  }
  return root
}

function calleeOf(frame: Frame, { functionName, url }: { functionName: string; url: string }): Frame {
  const file = url.split('/').at(-1) ?? ''
  const name = `${functionName || '(anonymous)'} ${file}`.trim()
  const kind = url === '' ? 'engine' : url.startsWith('node:') ? 'node' : 'own'
  const known = frame.callees.get(name)
  if (known) return known
  const callee: Frame = { name, kind, total: 0, callees: new Map() }
  frame.callees.set(name, callee)
  return callee
}

interface Place {
  readonly x: number
  readonly row: number
  readonly scale: number
}

/** Returns how many rows there are. */
function draw(frame: Frame, { x, row, scale }: Place, boxes: string[]): number {
  boxes.push(boxOf(frame, { x, row, scale }))
  let depth = row
  let left = x
  for (const callee of [...frame.callees.values()].sort((a, b) => b.total - a.total)) {
    if (callee.total * scale < leastWidth) continue
    depth = Math.max(depth, draw(callee, { x: left, row: row + 1, scale }, boxes))
    left += callee.total * scale
  }
  return depth
}

function boxOf({ name, kind, total }: Frame, { x, row, scale }: Place): string {
  const size = total * scale
  const label = escaped(name)
  const shown = escaped(name.slice(0, Math.floor(size / 6)))
  const y = (row + 1) * rowHeight
  const at = `transform='translate(${x.toFixed(1)} ${-y})'`
  return `<g transform='translate(0 BOTTOM)'><g ${at}><title>${label}, ${(total / 1000).toFixed(1)} ms</title><rect width='${(size - 0.5).toFixed(1)}' height='${rowHeight - 1}' fill='${colorByKind[kind]}'/><text x='2' y='11'>${shown}</text></g></g>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&apos;')
}

if (import.meta.main) {
  const [from = '', to = '', skip = '3'] = process.argv.slice(2)
  writeFileSync(to, flameGraph(JSON.parse(readFileSync(from, 'utf8')), Number(skip)))
}
