// The definitions editor: CodeMirror in a page of Streamlit, which runs again and again while a person types.

import { isolateHistory } from "@codemirror/commands"
import { setDiagnostics } from "@codemirror/lint"
import { Annotation, Compartment, EditorState } from "@codemirror/state"
import { EditorView } from "@codemirror/view"
import { extensions } from "./extensions.js"
import { changesOf, merged } from "./merging.js"
import { indicatorAt, lineOf, range } from "./place.js"
import { forget, isCut, keep, left, watch } from "./unsent.js"

export { changesOf, merged }

// How long after the last key the text is sent, in ms.
const PAUSE = 80
// How long the caret rests in an indicator's lines before that is told, in ms.
const REST = 250
const SEVERITIES = { error: "error", warning: "warning", note: "info" }
const fromServer = Annotation.define()
// The editors of this page by the server's session and their key. They outlive their element, so that coming back finds text and history.
const editors = new Map()
// A window that goes out of sight may be about to close, and what is pressed beside the text may lead to another page:
// what was typed has to be on its way before it does.
document.addEventListener("visibilitychange", () => editors.forEach((editor) => editor.flush()))
document.addEventListener("pointerdown", ({ target }) => editors.forEach((editor) => {
  if (!editor.view?.dom.contains(target)) editor.flush()
}), true)
watch(() => editors.forEach((editor) => editor.view?.dispatch({})))

class Editor {
  constructor() {
    // What the server has told (text, schema, codes, words), the marks it knows them by, and what it last heard is held.
    this.told = {}
    this.marks = {}
    this.held = new Map()
    // The server's session and its document's number; how often this text was sent.
    this.epoch = null
    this.serial = null
    this.number = 0
    // The texts that the server may build on, the oldest first: its own document (number 0), and those sent since.
    this.known = []
    // Whether the text differs from the server's document, whether that has not been sent yet, or not been answered.
    this.typed = false
    this.pending = false
    this.checked = false
    // The number of the text that was answered last, and the mark of the text that the server's document began with.
    this.answered = null
    this.began = null
    // The indicator that the form shows as far as is known here, the number it was last shown with, how often one was told.
    this.shown = ""
    this.turn = null
    this.count = 0
    this.saying = new Compartment()
    this.view = null
  }

  // What a run of the page says; called for each that says something new.
  take({ data, parentElement, setStateValue }) {
    this.setStateValue = setStateValue
    const words = this.marks.words
    for (const [name, { mark, value }] of Object.entries(data.parts)) this.hear(name, mark, value)
    this.state ??= EditorState.create({ doc: this.told.text, extensions: extensions(this) })
    const back = this.mount(parentElement)
    if (words && words !== this.marks.words) this.view.dispatch({ effects: this.saying.reconfigure(this.spoken()) })
    this.view.dom.style.height = `min(${data.height}px, 85vh)`
    const first = this.serial === null
    this.epoch = data.epoch
    this.began = data.began
    this.settle(data)
    if (first) this.recover(data)
    // What was typed before the page was left is sent once more.
    if (back && this.typed && data.number !== this.number) this.tell()
    this.answered = data.number
    if (!this.unanswered) forget()
    if (this.isOf(data)) this.mark(data.problems)
    this.show(...data.shown)
    return () => this.unmount(parentElement)
  }

  // A part of what is told: its value, or only the mark of one that came before.
  hear(name, mark, value) {
    const id = `${name}/${mark}`
    if (value !== undefined) this.held.set(id, value)
    if (!this.held.has(id)) return
    this.marks[name] = mark
    this.told[name] = this.held.get(id)
  }

  // Takes over the server's document where its serial has grown.
  settle({ serial, number, basis }) {
    if (this.serial === null || serial > this.serial) {
      const base = this.typed ? this.base(basis) : null
      this.serial = serial
      this.replace(this.told.text, base)
    } else this.known = this.known.filter((one) => one.number >= (number ?? 0))
  }

  // What was typed for a session that is gone is typed here once more. Where the server shows the very text that it was
  // once begun with, all of it is; else only what had not arrived.
  recover({ epoch, began, fresh }) {
    const gone = left(epoch)
    if (!gone) return
    const old = this.view.state.doc.toString()
    const now = fresh && began === gone.began ? gone.text : merged(gone.known, gone.text, old, this.told.words.marks)
    if (now === old) forget()
    else this.view.dispatch({ changes: changesOf(old, now) })
  }

  get unanswered() {
    return this.pending || (this.typed && this.answered !== this.number)
  }

  // What is wrong with what was typed last.
  get trouble() {
    return this.unanswered && isCut() ? this.told.words.below.unsent : ""
  }

  // The text that the server's new one is made of: the last it had heard of when it made it.
  base([serial, number]) {
    const due = this.serial > serial ? 0 : number
    return (this.known.find((one) => one.number === due) ?? this.known.at(-1)).text
  }

  // Whether a run's problems are those of the text as it stands here.
  isOf({ number, serial }) {
    if (this.pending || this.view.composing) return false
    return this.typed ? number === this.number : number === null && serial === this.serial
  }

  mount(parent) {
    if (this.view?.dom.parentNode === parent) return false
    if (this.view) this.unmount(this.view.dom.parentNode)
    // A server that has begun anew shows its document in the place of the one before.
    editors.forEach((editor) => editor.unmount(parent))
    this.view = new EditorView({ state: this.state, parent })
    return true
  }

  unmount(parent) {
    if (!this.view || this.view.dom.parentNode !== parent) return
    clearTimeout(this.timer)
    clearTimeout(this.resting)
    // Nothing that is sent for an element that is gone arrives: it is, once the text is shown again.
    if (this.pending) this.keep()
    this.state = this.view.state
    this.view.destroy()
    this.view = null
  }

  // The server's text in the place of this one, together with what was typed since `base`. Only what differs is
  // replaced, so that the caret and the folds elsewhere stay; it can be undone, apart from what was typed.
  replace(text, base) {
    clearTimeout(this.timer)
    this.pending = this.checked = false
    const old = this.view.state.doc.toString()
    const theirs = this.view.state.toText(text).toString()
    const now = base === null ? theirs : merged(base, old, theirs, this.told.words.marks)
    this.known = [{ number: 0, text: theirs }]
    this.typed = now !== theirs
    if (old !== now) {
      const annotations = [fromServer.of(true), isolateHistory.of("full")]
      this.view.dispatch({ changes: changesOf(old, now), annotations })
    }
    if (this.typed) this.send()
  }

  changed(update) {
    if (!update.docChanged || update.transactions.some((one) => one.annotation(fromServer))) return
    this.send()
  }

  // What stands here has to be sent.
  send() {
    this.typed = this.pending = true
    this.checked = false
    clearTimeout(this.timer)
    this.wait()
  }

  // The caret has moved: once it rests in the lines of another indicator than the form shows, that is told.
  moved({ selectionSet, focusChanged }) {
    if (!selectionSet && !focusChanged) return
    clearTimeout(this.resting)
    this.resting = setTimeout(() => this.point(), REST)
  }

  point() {
    if (!this.view.hasFocus || this.view.composing) return
    const { doc, selection } = this.view.state
    const code = indicatorAt(doc, selection.main.head)
    if (!code || code === this.shown) return
    this.shown = code
    this.setStateValue("at", { epoch: this.epoch, code, count: ++this.count })
  }

  // What was chosen in the form is brought into sight, and the caret to it.
  show(code, turn) {
    const due = this.turn !== null && turn !== this.turn
    if (this.turn === null || due) this.shown = code
    this.turn = turn
    const line = due && lineOf(this.view.state.doc, code)
    if (!line) return
    const effects = EditorView.scrollIntoView(line.from, { y: "start", yMargin: 24 })
    this.view.dispatch({ selection: { anchor: line.to }, effects })
  }

  // A word that an input method is still composing is not the text yet: marks drawn into it would break it off.
  wait() {
    this.timer = setTimeout(() => (this.view.composing ? this.wait() : this.tell()), PAUSE)
  }

  // Sends what has not been sent, without waiting for the pause.
  flush() {
    if (this.pending && this.view) this.tell()
    return true
  }

  tell() {
    this.mend()
    clearTimeout(this.timer)
    this.pending = false
    this.number++
    const { epoch, serial, number, marks: held } = this
    // Only these are said to be held; the server sends any other again.
    this.held = new Map(Object.entries(this.marks).map(([name, mark]) => [`${name}/${mark}`, this.told[name]]))
    const text = this.view.state.doc.toString()
    this.known.push({ number, text })
    this.keep()
    this.setStateValue("sent", { epoch, serial, number, held, text })
  }

  // In the browser, until the server has answered.
  keep() {
    keep({ epoch: this.epoch, began: this.began, known: this.known[0].text, text: this.view.state.doc.toString() })
  }

  // Half a sign, which a broken paste can bring, is no text that could be saved.
  mend() {
    const halves = [...this.view.state.doc.toString().matchAll(/\p{Surrogate}/gu)]
    const changes = halves.map(({ index }) => ({ from: index, to: index + 1, insert: "\ufffd" }))
    if (changes.length) this.view.dispatch({ changes })
  }

  mark(problems) {
    this.checked = true
    const { doc } = this.view.state
    const severities = this.told.words.severities
    const diagnostics = problems.map(([line, column, severity, message]) => ({
      ...range(doc, line, column),
      severity: SEVERITIES[severity],
      message: severities[severity] + message,
    }))
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics))
  }

  // The words of the page's language, for the library's own parts and for readers of the screen.
  spoken() {
    const { phrases, label, described } = this.told.words
    return [
      EditorState.phrases.of(phrases),
      EditorView.contentAttributes.of({ "aria-label": label, "aria-description": described }),
    ]
  }
}

export function show(component) {
  const { epoch, key } = component.data
  const id = `${epoch} ${key}`
  if (!editors.has(id)) editors.set(id, new Editor())
  return editors.get(id).take(component)
}
