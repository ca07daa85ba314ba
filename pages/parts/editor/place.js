// Where in a definitions file a position stands: its path, told by the indentation of the lines above and by braces.

const KEY = /^("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'#:{}[\],][^:{}[\],#]*?)\s*:(?:\s+|$)/u
const WORD = /[\p{L}\p{N}_]*$/u
export const ITEM = "[]"

// A line's parts: the columns of its dashes, then its key, where it has one, and what stands after it.
function parts(text) {
  let column = text.match(/^ */)[0].length
  const dashes = []
  for (let dash; (dash = /^-(?: +|$)/.exec(text.slice(column))); column += dash[0].length) dashes.push(column)
  const rest = text.slice(column)
  const key = KEY.exec(rest)
  return {
    dashes, column, rest,
    key: key && plain(key[1]),
    value: key ? rest.slice(key[0].length) : rest,
    blank: /^\s*(#|$)/.test(text),
  }
}

const plain = (text) => text.trim().replace(/^(["'])(.*)\1$/s, "$2")

// What encloses the end of a text in braces and brackets: a frame each, with the keys that stand in it.
function frames(text) {
  const open = []
  let quote = "", word = ""
  const closeWord = (top) => {
    if (top?.key != null) top.present.set(top.key, plain(word))
    word = ""
  }
  for (let index = 0; index < text.length; index++) {
    const sign = text[index], top = open.at(-1)
    if (quote) {
      if (sign === quote) quote = ""
      word += sign
    } else if ((sign === '"' || sign === "'") && !word.trim()) { quote = sign; word += sign }
    else if ((sign === "{" || sign === "[") && !word.trim()) {
      open.push({ list: sign === "[", key: null, present: new Map() })
      word = ""
    } else if (top && (sign === "}" || sign === "]")) { open.pop(); word = "" }
    else if (top && sign === ",") { closeWord(top); top.key = null }
    else if (top && !top.list && top.key === null && sign === ":" && /\s/.test(text[index + 1] ?? " ")) {
      top.key = plain(word)
      word = ""
    } else if (sign === "#" && /\s/.test(text[index - 1] ?? " ")) return { open, comment: true }
    else word += sign
  }
  return { open, quoted: quote !== "" }
}

// The keys that stand beside a line's: {name → value}, looked for upwards and downwards at the same column.
function beside(doc, number, { dashes, column }) {
  const present = new Map()
  // A line with a dash begins its entry: what stands above is another's.
  for (const step of dashes.length ? [1] : [-1, 1]) {
    for (let at = number + step; at >= 1 && at <= doc.lines; at += step) {
      const line = parts(doc.line(at).text)
      if (line.blank || line.column > column) {
        // A list's entry may hold the key of its first line deeper than its dash.
        if (!line.blank && line.dashes.length && line.dashes[0] < column) break
        continue
      }
      if (line.column < column || (step > 0 && line.dashes.length)) break
      if (line.key !== null) present.set(line.key, plain(line.value))
      if (line.dashes.length) break
    }
  }
  return present
}

// The steps that lead to a line's own column, outermost first.
function above(doc, number, dashes, column) {
  const path = dashes.map(() => ITEM)
  let need = dashes.length ? dashes[0] : column
  let entry = dashes.length > 0
  for (let at = number - 1; at >= 1 && (need > 0 || entry); at--) {
    const line = parts(doc.line(at).text)
    if (line.blank) continue
    if (line.key !== null && (line.column < need || (entry && line.column === need))) {
      path.unshift(line.key)
      need = line.column
      entry = false
    }
    const outer = line.dashes.filter((dash) => dash < need)
    if (outer.length) {
      path.unshift(...outer.map(() => ITEM))
      need = outer[0]
      entry = true
    } else if (!line.dashes.length && line.column < need) {
      need = line.column
    }
  }
  return path
}

// Of a position: its path, whether a key or a value is due, which keys stand beside it and where its word begins;
// null in a comment.
export function place(doc, position) {
  const line = doc.lineAt(position)
  const before = line.text.slice(0, position - line.from)
  const here = parts(before)
  if (/^\s*#/.test(before)) return null
  const path = above(doc, line.number, here.dashes, here.column)
  const { open, comment, quoted } = frames(here.value)
  if (comment) return null
  if (here.key !== null) path.push(here.key)
  let at = here.key === null ? "key" : "value"
  let present = new Map()
  for (const frame of open) {
    if (frame.list) { path.push(ITEM); at = "value" }
    else if (frame.key !== null) { path.push(frame.key); at = "value" }
    else at = "key"
    present = frame.present
  }
  if (!open.length && here.key === null) present = beside(doc, line.number, here)
  const from = position - WORD.exec(before)[0].length
  return { path, at, present, from, quoted, flow: open.length > 0, column: here.column }
}

// The codes that a file's sections define, by section, also where the file cannot be read as a whole.
const found = new WeakMap()
export function defined(doc) {
  if (found.has(doc)) return found.get(doc)
  const codes = { factors: [], variables: [], indicators: [], index: [], grades: [], rules: [] }
  let section = "", indent = 0
  for (const text of doc.iterLines()) {
    const top = /^([a-z_]+):/.exec(text)
    if (top) { section = top[1]; indent = 0; continue }
    if (!(section in codes)) continue
    if (section === "index" || section === "grades" || section === "rules") {
      const code = /(?:^\s*(?:- *)?|[{,]\s*)code:\s*([\p{L}_][\p{L}\p{N}_]*)/u.exec(text)
      if (code) codes[section].push(code[1])
      continue
    }
    const key = /^( +)([\p{L}_][\p{L}\p{N}_]*)\s*:/u.exec(text)
    if (!key) continue
    indent ||= key[1].length
    if (key[1].length === indent) codes[section].push(key[2])
  }
  found.set(doc, codes)
  return codes
}

// The code of the indicator whose lines a position stands in; empty elsewhere.
export function indicatorAt(doc, position) {
  let code = "", column = Infinity
  for (let at = doc.lineAt(position).number; at >= 1; at--) {
    const line = parts(doc.line(at).text)
    if (line.blank || line.key === null || line.column >= column) continue
    if (line.column === 0) return line.key === "indicators" ? code : ""
    code = line.dashes.length ? "" : line.key
    column = line.column
  }
  return ""
}

// The line that an indicator begins with; nothing where there is none.
export function lineOf(doc, code) {
  let inside = false, column = 0
  for (let at = 1; at <= doc.lines; at++) {
    const line = parts(doc.line(at).text)
    if (line.blank || line.key === null) continue
    if (line.column === 0) { inside = line.key === "indicators"; column = 0 }
    else if (inside && line.column <= (column ||= line.column) && line.key === code) return doc.line(at)
  }
  return null
}

// The characters that a problem's place means: the word at its column, or its whole line.
export function range(doc, number, column) {
  const line = doc.line(Math.min(Math.max(number, 1), doc.lines))
  const start = line.from + line.text.search(/\S|$/)
  if (column < 1) return { from: start, to: line.to }
  // Columns count characters, of which some are two units here.
  const at = line.from + [...line.text].slice(0, column - 1).join("").length
  const word = /^(?:[\p{L}\p{N}_.]+|\S)/u.exec(doc.sliceString(at, line.to))
  return word ? { from: at, to: at + word[0].length } : { from: Math.min(start, at), to: line.to }
}
