// How the editor looks: the app's own fonts and colours, which Streamlit hands on as CSS variables, light and dark.

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language"
import { EditorView } from "@codemirror/view"
import { tags } from "@lezer/highlight"

const MONO = "'Source Code Pro',ui-monospace,Consolas,Menlo,'Noto Sans Mono CJK SC','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',monospace"
const soft = (share) => `color-mix(in srgb, var(--st-text-color) ${share}%, transparent)`
// Problems are told apart by shape and line as well: ✕ wavy, ▲ dashed, ■ dotted.
const MARKS = {
  error: { sign: "✕", colour: "var(--worse, #b3500c)", line: "wavy" },
  warning: { sign: "▲", colour: "var(--worse, #b3500c)", line: "dashed" },
  info: { sign: "■", colour: "var(--better, #2166ac)", line: "dotted" },
}

const marks = Object.entries(MARKS).flatMap(([severity, { sign, colour, line }]) => [
  [`.cm-lint-marker-${severity}`, { content: "normal" }],
  [`.cm-lint-marker-${severity}:before`, { content: `"${sign}"`, color: colour }],
  [`.cm-lintRange-${severity}`, {
    backgroundImage: "none", paddingBottom: 0,
    textDecoration: `underline ${line} ${colour} ${severity === "error" ? "1.5px" : "2px"}`,
    textUnderlineOffset: "4px", textDecorationSkipInk: "none",
  }],
  [`.cm-diagnostic-${severity}`, { borderLeft: `4px ${line === "wavy" ? "solid" : line} ${colour}` }],
  [`.cm-lintPoint-${severity}:after`, { borderBottomColor: colour }],
])

const frame = EditorView.theme({
  "&": {
    border: "1px solid var(--st-border-color)", borderRadius: "var(--st-base-radius)",
    color: "var(--st-text-color)", backgroundColor: "var(--st-background-color)", fontSize: "14px", overflow: "hidden",
  },
  "&.cm-focused": { outline: "2px solid var(--st-primary-color)", outlineOffset: "-1px" },
  ".cm-scroller": { fontFamily: MONO, lineHeight: "1.6", overflow: "auto" },
  ".cm-content": { caretColor: "var(--st-text-color)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--st-text-color)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: soft(5) },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--st-primary-color) 26%, transparent) !important",
  },
  ".cm-gutters": {
    backgroundColor: "var(--st-secondary-background-color)", color: soft(68), border: "none",
    fontVariantNumeric: "tabular-nums",
  },
  ".cm-gutter-lint": { width: "1.3em" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "0 1px" },
  ".cm-lint-marker": { width: "100%", height: "auto", fontWeight: 700, textAlign: "center", cursor: "help" },
  ".cm-foldGutter .cm-gutterElement": { cursor: "pointer", padding: "0 3px" },
  ".cm-foldPlaceholder": { backgroundColor: soft(10), border: "none", color: "inherit", padding: "0 .4em" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: soft(14), outline: `1px solid ${soft(40)}` },
  ".cm-searchMatch": { backgroundColor: "color-mix(in srgb, var(--st-yellow-color) 40%, transparent)" },
  ".cm-searchMatch-selected": { outline: "2px solid var(--st-primary-color)" },
  ".cm-panels": {
    backgroundColor: "var(--st-secondary-background-color)", color: "var(--st-text-color)",
    fontFamily: "var(--st-font)", zIndex: 3,
  },
  ".cm-panels-top": { borderBottom: "1px solid var(--st-border-color)" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--st-border-color)" },
  ".cm-panel.cm-search": { padding: "6px 28px 6px 8px", fontSize: "14px" },
  ".cm-panel.cm-search label": { fontSize: "inherit", display: "inline-flex", alignItems: "center", gap: "4px" },
  ".cm-panel.cm-search [name=close]": { fontSize: "20px", top: "4px", right: "8px" },
  ".cm-textfield, .cm-button": {
    fontSize: "14px", fontFamily: "inherit", color: "inherit", backgroundColor: "var(--st-background-color)",
    backgroundImage: "none", border: "1px solid var(--st-widget-border-color, var(--st-border-color))",
    borderRadius: "var(--st-base-radius)", padding: "3px 8px", margin: "2px 4px 2px 0",
  },
  ".cm-textfield:focus, .cm-button:focus-visible": { outline: "2px solid var(--st-primary-color)", outlineOffset: "-1px" },
  ".cm-button:active": { backgroundImage: "none", backgroundColor: soft(12) },
  ".cm-tooltip": {
    backgroundColor: "var(--st-background-color)", color: "var(--st-text-color)",
    border: "1px solid var(--st-border-color)", borderRadius: "var(--st-base-radius)",
    boxShadow: "0 4px 14px rgba(0,0,0,.18)", maxWidth: "min(36em, 92vw)", overflow: "hidden",
  },
  ".cm-diagnostic": { fontFamily: "var(--st-font)", padding: "5px 10px", fontSize: "14px", lineHeight: "1.5", whiteSpace: "normal", maxHeight: "11em", overflowY: "auto" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: MONO, fontSize: "13.5px", maxHeight: "15em", maxWidth: "92vw" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 8px", display: "flex", gap: ".8em", alignItems: "baseline" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--st-primary-color)", color: "var(--st-background-color)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected] .cm-completionDetail": { opacity: 1 },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: 700 },
  ".cm-completionDetail": {
    fontStyle: "normal", fontFamily: "var(--st-font)", marginLeft: "auto", opacity: 0.8,
    overflow: "hidden", textOverflow: "ellipsis",
  },
  ".cm-completionInfo": { fontFamily: "var(--st-font)", fontSize: "13.5px", padding: "5px 10px" },
  ".q-line": { display: "flex", alignItems: "center", gap: "1em", padding: "4px 10px", fontSize: "13.5px", minHeight: "2.1em" },
  ".q-line .q-said": { flex: "1 1 auto", minWidth: 0, overflowWrap: "anywhere", maxHeight: "4.6em", overflowY: "auto" },
  ".q-line .q-at": { flex: "none", opacity: 0.8, fontVariantNumeric: "tabular-nums" },
  ".q-line .q-unsent": { flex: "none", fontWeight: 700, color: "var(--worse, #b3500c)" },
  ".q-line .q-unsent:before": { content: '"▲ "' },
  ".q-line button": { flex: "none", cursor: "pointer" },
  "@media (max-width: 640px)": {
    ".q-line": { flexWrap: "wrap", justifyContent: "space-between", gap: "2px 1em" },
    ".q-line .q-said": { flexBasis: "100%" },
  },
  ...Object.fromEntries(marks),
})

const colours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--st-blue-text-color)" },
  { tag: [tags.string, tags.attributeValue], color: "var(--st-green-text-color)" },
  { tag: [tags.comment, tags.lineComment], color: soft(66) },
  { tag: [tags.keyword, tags.labelName, tags.typeName], color: "var(--st-violet-text-color)" },
  { tag: [tags.punctuation, tags.separator, tags.brace, tags.squareBracket], color: soft(72) },
])

export const looks = [frame, syntaxHighlighting(colours)]
