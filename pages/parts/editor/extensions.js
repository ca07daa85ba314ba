// What the editor can do: keys, folding, search, completion, marks, and a line that says what is wrong at the caret.

import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete"
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands"
import { yaml } from "@codemirror/lang-yaml"
import { bracketMatching, codeFolding, foldGutter, foldKeymap, indentUnit } from "@codemirror/language"
import { forEachDiagnostic, lintGutter, lintKeymap } from "@codemirror/lint"
import { search, searchKeymap } from "@codemirror/search"
import { EditorSelection, EditorState } from "@codemirror/state"
import {
  EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers,
  showPanel,
} from "@codemirror/view"
import { completing } from "./completion.js"
import { looks } from "./looks.js"

// A new line stands under the one before, a step further in after a key without a value.
function newline({ state, dispatch }) {
  const changed = state.changeByRange(({ from, to }) => {
    const line = state.doc.lineAt(from)
    const before = line.text.slice(0, from - line.from)
    const [, spaces, dashes, rest] = /^( *)((?:- +)*)(.*)$/.exec(before)
    const isKey = /^[^{["'][^:]*:(\s|$)/.test(rest)
    const indent = spaces.length + (isKey ? dashes.length : 0) + (/:\s*(#.*)?$/.test(rest) ? 2 : 0)
    const insert = state.lineBreak + " ".repeat(indent)
    return { changes: { from, to, insert }, range: EditorSelection.cursor(from + insert.length) }
  })
  dispatch(state.update(changed, { scrollIntoView: true, userEvent: "input" }))
  return true
}

// The problem after the one that is selected, the gravest first; from anywhere else the first of them.
const GRAVEST = ["error", "warning", "info"]
function nextProblem(view) {
  const found = []
  forEachDiagnostic(view.state, ({ severity }, from, to) => found.push({ grave: GRAVEST.indexOf(severity), anchor: from, head: to }))
  if (!found.length) return false
  found.sort((one, other) => one.grave - other.grave || one.anchor - other.anchor)
  const { anchor, head } = view.state.selection.main
  const here = found.findIndex((one) => one.anchor === anchor && one.head === head)
  const { anchor: from, head: to } = found[(here + 1) % found.length]
  view.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true })
  return true
}

const element = (tag, name, text = "") => Object.assign(document.createElement(tag), { className: name, textContent: text })

// The line under the text: the problem on the caret's line, else how many there are; where the caret is.
function lineBelow(editor) {
  return (view) => {
    const dom = element("div", "q-line")
    const said = element("span", "q-said")
    const unsent = element("span", "q-unsent")
    const at = element("span", "q-at")
    const next = element("button", "cm-button")
    said.setAttribute("role", "status")
    next.type = "button"
    next.onclick = () => { view.focus(); nextProblem(view) }
    unsent.setAttribute("role", "alert")
    dom.append(said, unsent, next, at)
    const draw = ({ state }) => {
      const { below } = editor.told.words
      const { head } = state.selection.main
      const line = state.doc.lineAt(head)
      const here = []
      const counts = { error: 0, warning: 0, info: 0 }
      forEachDiagnostic(state, (diagnostic, from, to) => {
        counts[diagnostic.severity]++
        if (from <= line.to && to >= line.from) here.push(diagnostic.message)
      })
      const all = Object.entries(counts).filter(([, count]) => count)
      const sum = all.map(([severity, count]) => below[severity].replace("{count}", count)).join(below.and)
      // What has not been checked yet is not said to be right.
      const words = here.join(" ") || sum || (editor.checked ? below.none : said.textContent)
      if (said.textContent !== words) said.textContent = words
      unsent.textContent = editor.trouble
      unsent.hidden = !editor.trouble
      at.textContent = below.at.replace("{line}", line.number).replace("{column}", head - line.from + 1)
      next.textContent = below.next
      next.hidden = !all.length
    }
    draw(view)
    return { dom, update: draw }
  }
}

export function extensions(editor) {
  return [
    // The marks of problems stand beside the text they are about, before its number.
    lintGutter(),
    lineNumbers(),
    codeFolding(),
    foldGutter({ openText: "▾", closedText: "▸" }),
    highlightSpecialChars(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    history(),
    drawSelection(),
    EditorState.allowMultipleSelections.of(true),
    indentUnit.of("  "),
    EditorState.tabSize.of(2),
    yaml(),
    bracketMatching(),
    closeBrackets(),
    search({ top: true }),
    autocompletion({
      override: [completing(() => editor.told)],
      icons: false,
      maxRenderedOptions: 60,
    }),
    keymap.of([
      { key: "F8", run: nextProblem },
      { key: "Mod-s", run: () => editor.flush(), preventDefault: true },
      { key: "Tab", run: acceptCompletion },
      { key: "Tab", run: indentMore, shift: indentLess },
      { key: "Enter", run: newline, shift: newline },
      ...closeBracketsKeymap,
      ...searchKeymap,
      ...lintKeymap,
      ...foldKeymap,
      ...historyKeymap,
      ...defaultKeymap,
    ]),
    showPanel.of(lineBelow(editor)),
    editor.saying.of(editor.spoken()),
    EditorView.updateListener.of((update) => { editor.changed(update); editor.moved(update) }),
    EditorView.domEventHandlers({ blur: () => void editor.flush() }),
    looks,
  ]
}
