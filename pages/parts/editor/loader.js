// Sent with every run of the page, so it is small: the editor itself is fetched once, from the page's own server.
export default function (component) {
  const own = document.querySelector('script[src*="/static/js/"]')
  const base = own ? own.src.replace(/static\/js\/[^/]*$/, "") : document.baseURI
  return import(new URL(component.data.bundle, base).href).then(
    (bundle) => bundle.show(component),
    () => { component.parentElement.textContent = component.data.absent },
  )
}
