// Two changes of one text brought together: what was typed since a text was known, and what the server made of it.

import { diff, presentableDiff } from "@codemirror/merge"

const WORDS = /[\p{L}\p{N}_.+-]+|\s+|[^]/gu

// The least that makes one text of another, for a transaction.
export function changesOf(old, now) {
  return presentableDiff(old, now).map((one) => ({ from: one.fromA, to: one.toA, insert: now.slice(one.fromB, one.toB) }))
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
  return diff(base.map(sign).join(""), parts.map(sign).join("")).map(({ fromA, toA, fromB, toB }) => (
    { start: fromA, end: toA, parts: parts.slice(fromB, toB) }
  ))
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

// The base with the changes of both; `both` says what stands where they changed the same parts, each otherwise.
function merge(base, mine, theirs, both) {
  const result = []
  let at = 0
  for (const { start, end, own } of together(edits(base, mine), edits(base, theirs))) {
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
  return merge(...[base, mine, theirs].map((text) => text.split("\n")), (...sides) => {
    const [old, left, right] = sides.map((lines) => lines.join("\n").match(WORDS) ?? [])
    let clash = false
    const words = merge(old, left, right, (_, typed) => ((clash = true), typed))
    return clash ? [marks[0], ...sides[1], marks[1], ...sides[2], marks[2]] : words.join("").split("\n")
  }).join("\n")
}
