// What can be written at a place of a definitions file: keys and words of the JSON Schema, codes and functions.

import { pickedCompletion, insertCompletionText, startCompletion } from "@codemirror/autocomplete"
import { ITEM, defined, place } from "./place.js"

const FORMULAS = ["formula", "when"]
// Keys whose value is a code, with the sections that define it.
const CODES = { indicator: ["indicators"], cap: ["grades"], mean_by: ["variables"], tie_breaks: ["index", "indicators"] }

// The plain schemas that a schema may stand for.
function plainly(schema, root, depth = 0) {
  if (!schema || typeof schema !== "object" || depth > 12) return []
  if (schema.$ref) {
    const target = root.$defs[schema.$ref.split("/").at(-1)]
    return plainly(target, root, depth + 1)
  }
  const choices = schema.anyOf ?? schema.oneOf
  return choices ? choices.flatMap((choice) => plainly(choice, root, depth + 1)) : [schema]
}

// Those that know every key that stands there already, and agree with its value; all, where none does.
function fitting(shapes, present) {
  const fits = shapes.filter((shape) =>
    [...present].every(([key, value]) => {
      const known = shape.properties?.[key]
      if (!known) return typeof shape.additionalProperties === "object"
      const words = known.enum ?? (known.const === undefined ? null : [known.const])
      return !words || !value || words.map(String).includes(value)
    }),
  )
  return fits.length ? fits : shapes
}

// The plain schemas at the end of a path.
export function shapesAt(path, root) {
  let shapes = [root]
  for (const step of path) {
    shapes = shapes.flatMap((shape) => {
      if (step === ITEM) return plainly(shape.items ?? shape.prefixItems?.[0], root)
      return plainly(shape.properties?.[step] ?? shape.additionalProperties, root)
    })
  }
  return shapes
}

// A description holds both languages: 中文 · English.
function spoken(text, lang) {
  const [zh, en] = (text ?? "").split(" · ")
  return en === undefined ? "" : lang === "zh" ? zh : en
}

// A key is written with what must follow it: a space, or a line further in where it holds keys or a list.
function keyWith(schema, root, { flow, column }) {
  const shapes = plainly(schema, root)
  const deep = shapes.length > 0 && shapes.every((shape) => shape.type === "object" || shape.type === "array")
  const list = deep && shapes.every((shape) => shape.type === "array")
  return (view, completion, from, to) => {
    const line = view.state.doc.lineAt(to)
    const rest = line.text.slice(to - line.from)
    const further = `:\n${" ".repeat(column + 2)}${list ? "- " : ""}`
    const after = /^\s*:/.test(rest) ? "" : deep && !flow ? further : ": "
    view.dispatch({
      ...insertCompletionText(view.state, completion.label + after, from, to),
      annotations: pickedCompletion.of(completion),
    })
    if (after) setTimeout(() => startCompletion(view))
  }
}

function keys(spot, root, lang) {
  const options = new Map()
  for (const shape of fitting(shapesAt(spot.path, root).filter((one) => one.properties), spot.present)) {
    for (const [label, schema] of Object.entries(shape.properties)) {
      if (spot.present.has(label)) continue
      options.set(label, {
        label,
        type: "property",
        detail: spoken(schema.description, lang) || options.get(label)?.detail,
        apply: keyWith(schema, root, spot),
        boost: shape.required?.includes(label) ? 1 : 0,
      })
    }
  }
  return [...options.values()]
}

function words(spot, root) {
  const found = new Set()
  for (const shape of shapesAt(spot.path, root)) {
    for (const word of shape.enum ?? (shape.const === undefined ? [] : [shape.const])) found.add(String(word))
    if (shape.type === "boolean") ["true", "false"].forEach((word) => found.add(word))
  }
  return [...found].map((label) => ({ label, type: "enum" }))
}

// Codes, findable by their Chinese names as well.
function codes(list, names) {
  return [...new Set(list)].flatMap((label) => {
    const name = names[label]
    const code = { label, type: "variable", detail: name }
    if (!/[^\x00-\x7f]/.test(name ?? "") || name === label) return [code]
    return [code, { label: name, type: "variable", detail: label, apply: label, boost: -1 }]
  })
}

function functions(known) {
  return known.map(([label, detail, info]) => ({ label, type: "function", detail, info, apply: `${label}(`, boost: -2 }))
}

// The codes that a formula at this path may name (contract §3).
function inFormula(path, doc, names) {
  const own = defined(doc)
  if (path.at(-1) === "when") return [...own.indicators, ...own.index, ...own.variables, ...own.factors, "reported_share"]
  const below = [...own.variables, ...own.factors]
  const known = Object.keys(names).filter((code) => !own.indicators.includes(code) && !own.index.includes(code))
  return path[0] === "variables" ? [...below, ...known] : [...below, ...known, ...own.indicators]
}

function options(spot, doc, { schema, codes: names, words: said }) {
  const named = spot.path.findLast((step) => step !== ITEM)
  if (FORMULAS.includes(named)) return [...codes(inFormula(spot.path, doc, names), names), ...functions(said.functions)]
  if (spot.path.at(-1) === "given" && spot.at === "key") return codes(inFormula(spot.path, doc, names), names)
  if (named in CODES && (spot.at === "value" || spot.path.at(-1) === ITEM)) return codes(CODES[named].flatMap((section) => defined(doc)[section]), names)
  if (spot.quoted) return []
  if (spot.at === "value") return words(spot, schema)
  return [...keys(spot, schema, said.lang), ...(spot.present.size ? [] : words(spot, schema))]
}

// The source of completions over what the server has told, which `told()` gives.
export function completing(told) {
  return (context) => {
    const spot = place(context.state.doc, context.pos)
    if (!spot || !told().schema) return null
    const begun = context.pos > spot.from || context.matchBefore(/: $/) !== null
    if (!context.explicit && !begun) return null
    const found = options(spot, context.state.doc, told())
    return found.length ? { from: spot.from, options: found, validFor: /^[\p{L}\p{N}_]*$/u } : null
  }
}
