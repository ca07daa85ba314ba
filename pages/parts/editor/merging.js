// Two changes of one text brought together: what was typed since a text was known, and what the server made of it.

import { diff, presentableDiff } from "@codemirror/merge"

const LINES = /[^\n]*\n|[^\n]+/g
const WORDS = /[\p{L}\p{N}_.+-]+|\s+|[^]/gu
// How far apart two lines and two lists may be before the library, whose search takes the square of that, looks for
// long equal runs only, and of still longer ones for none.
const FINE = { scanLimit: 100 }
const COARSE = { scanLimit: 400 }
// Lines of so many signs are compared sign by sign, longer ones word by word.
const LONG = 4000
// So many parts are compared at once; of more, those that stand in each list once are found first.
const MANY = 400
// More lines than these, with as many in their place, are taken to have changed each for itself.
const BLOCK = 20

// The least that makes one text of another, for a transaction; where much differs, not quite the least.
export function changesOf(old, now) {
  const [lines, others] = [old, now].map((text) => text.match(LINES) ?? [])
  return placed(lines, paired(edits(lines, others), lines)).flatMap(({ from, to, insert }) => {
    const within = inLines(old.slice(from, to), insert)
    return within.map((one) => ({ from: from + one.from, to: from + one.to, insert: one.insert }))
  })
}

// What differs between a few lines and those in their place.
function inLines(text, insert) {
  if (text.length + insert.length > LONG) {
    const [words, others] = [text, insert].map((side) => side.match(WORDS) ?? [])
    return placed(words, edits(words, others))
  }
  const found = presentableDiff(text, insert, FINE)
  return found.map(({ fromA, toA, fromB, toB }) => ({ from: fromA, to: toA, insert: insert.slice(fromB, toB) }))
}

// Edits of parts as edits of the text that they make up.
function placed(base, edits) {
  const ends = [0]
  for (const part of base) ends.push(ends.at(-1) + part.length)
  return edits.map(({ start, end, parts }) => ({ from: ends[start], to: ends[end], insert: parts.join("") }))
}

// The parts (lines, words) from `start` to `end` of one list, and what stands there instead in the other.
function edits(base, parts) {
  const codes = new Map()
  // The library compares signs: each part is one, and none is half of a pair.
  const sign = (part) => {
    if (!codes.has(part)) codes.set(part, codes.size)
    const code = codes.get(part)
    return String.fromCharCode(code < 0xd800 ? code : code + 0x800)
  }
  const [one, other] = [base, parts].map((list) => list.map(sign).join(""))
  // More than there are signs for are not told apart.
  if (codes.size > 0xf800) return [{ start: 0, end: base.length, parts }]
  const found = []
  let [a, b] = [0, 0]
  for (const [toA, toB] of [...anchors(one, other), [one.length, other.length]]) {
    for (const gap of diff(one.slice(a, toA), other.slice(b, toB), COARSE)) {
      found.push({ start: a + gap.fromA, end: a + gap.toA, parts: parts.slice(b + gap.fromB, b + gap.toB) })
    }
    ;[a, b] = [toA, toB]
  }
  return found
}

// Where two long lists surely are the same: the parts that stand in each once, as many as come in the same order.
function anchors(one, other) {
  if (one.length + other.length <= MANY) return []
  const [here, there] = [one, other].map(onces)
  const common = [...here].filter(([sign]) => there.has(sign)).map(([sign, at]) => ({ a: at, b: there.get(sign), before: null }))
  // The ends of the longest rising rows so far, by their length: each part goes on with the longest that it can.
  const rows = []
  for (const part of common) {
    let [low, high] = [0, rows.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (rows[middle].b < part.b) low = middle + 1
      else high = middle
    }
    part.before = rows[low - 1] ?? null
    rows[low] = part
  }
  const row = []
  for (let part = rows.at(-1); part; part = part.before) row.push([part.a, part.b])
  return row.reverse()
}

// The signs that stand in a list once, in its order, with their place.
function onces(signs) {
  const places = new Map()
  for (let at = 0; at < signs.length; at++) places.set(signs[at], places.has(signs[at]) ? -1 : at)
  return new Map([...places].filter(([, at]) => at >= 0))
}

// Edits of lines in which a long block with another as long in its place is as many edits of one line.
function paired(edits, base) {
  return edits.flatMap((edit) => {
    const { start, end, parts } = edit
    if (end - start !== parts.length || parts.length <= BLOCK) return [edit]
    return parts.map((part, at) => ({ start: start + at, end: start + at + 1, parts: [part] }))
      .filter(({ start, parts }) => parts[0] !== base[start])
  })
}
// Appends without a limit of how many.
function append(list, more) {
  for (const one of more) list.push(one)
}

// A list's parts from `start` to `end` with one side's edits.
function applied(base, start, end, edits) {
  const result = []
  for (const edit of edits) {
    append(result, base.slice(start, edit.start))
    append(result, edit.parts)
    start = edit.end
  }
  append(result, base.slice(start, end))
  return result
}

// The edits of both sides in the order of the base, those of the same parts at once.
function together(mine, theirs) {
  const waiting = [...mine.map((edit) => [edit, 0]), ...theirs.map((edit) => [edit, 1])]
  waiting.sort(([one], [other]) => one.start - other.start || one.end - other.end)
  const groups = []
  for (const [edit, side] of waiting) {
    const last = groups.at(-1)
    const touches = last && (edit.start < last.end || (last.start === last.end && edit.start === edit.end && edit.start === last.end))
    if (!touches) groups.push({ start: edit.start, end: edit.end, own: [[], []] })
    const group = groups.at(-1)
    group.end = Math.max(group.end, edit.end)
    group.own[side].push(edit)
  }
  return groups
}

// The base with two sides' edits; `both` says what stands where they changed the same parts, each otherwise.
function merge(base, mine, theirs, both) {
  const result = []
  let at = 0
  for (const { start, end, own } of together(mine, theirs)) {
    const [left, right] = own.map((edits) => applied(base, start, end, edits))
    append(result, base.slice(at, start))
    if (!own[0].length) append(result, right)
    else if (!own[1].length || left.join("\n") === right.join("\n")) append(result, left)
    else append(result, both(base.slice(start, end), left, right))
    at = end
  }
  append(result, base.slice(at))
  return result
}

// The text of both. Words of one line may come from either; lines whose very words both changed stand there twice,
// between `marks` (above, between, below), the typed ones first.
export function merged(base, mine, theirs, marks) {
  if (mine === base || mine === theirs) return theirs
  const [lines, ...changed] = [base, mine, theirs].map((text) => text.split("\n"))
  return merge(lines, ...changed.map((side) => paired(edits(lines, side), lines)), (...sides) => {
    const [old, left, right] = sides.map((lines) => lines.join("\n").match(WORDS) ?? [])
    let clash = false
    const words = merge(old, edits(old, left), edits(old, right), (_, typed) => ((clash = true), typed))
    return clash ? [marks[0], ...sides[1], marks[1], ...sides[2], marks[2]] : words.join("").split("\n")
  }).join("\n")
}
