// What was typed and the server has not answered for, kept by the browser: it outlives the server, and a page loaded anew.

const SLOT = "quheng unsent"
let last = null

// Of a document: the session's `epoch`, the text it `began` with, the one last `known` to the server, and its `text` now.
export function keep(kept) {
  last = kept
  try {
    sessionStorage.setItem(SLOT, JSON.stringify(kept))
  } catch {
    // A browser that keeps nothing loses it with the page only.
  }
}

export function forget() {
  last = null
  try {
    sessionStorage.removeItem(SLOT)
  } catch {
    // Nothing was kept.
  }
}

// What a session before this one has left; what this one has left with another document, the server has read.
export function left(epoch) {
  try {
    last ??= JSON.parse(sessionStorage.getItem(SLOT))
  } catch {
    // Nothing was kept.
  }
  if (last?.epoch === epoch) forget()
  return last
}

// Whether nothing that is sent now arrives.
export function isCut() {
  const state = document.querySelector("[data-testid=stApp]")?.dataset.testConnectionState
  return state !== undefined && state !== "CONNECTED"
}

// Calls when the connection is lost, or there again.
export function watch(changed) {
  const app = document.querySelector("[data-testid=stApp]")
  if (app) new MutationObserver(changed).observe(app, { attributeFilter: ["data-test-connection-state"] })
}
