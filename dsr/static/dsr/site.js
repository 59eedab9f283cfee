// A little comfort for the reader's pages; every one of them works without it.

// The secret of a letter's link comes in the fragment, which no browser sends: put it in the form that waits for it.
const token = location.hash.slice(1);
const waiting = document.querySelector("form[data-token]");

if (waiting && /^[\w-]{40,64}$/.test(token)) {
  waiting.elements.token.value = token;
  for (const part of waiting.querySelectorAll("[data-typed]")) part.hidden = true;
  for (const part of waiting.querySelectorAll("[data-linked]")) part.hidden = false;
  waiting.addEventListener("submit", () => history.replaceState(null, "", location.pathname));
  // Changing the language must not lose it: a fragment stays with its address through a redirection.
  for (const form of document.querySelectorAll("form[data-keeps-fragment]")) form.action += location.hash;
}

// A double click is one click.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
});

// Choosing everything unticks what was chosen.
document.querySelector("input[name=about][value=everything]")?.addEventListener("change", () => {
  for (const box of document.querySelectorAll("input[name=sources]")) box.checked = false;
});

// While the work is being done, look again: refresh the progress, or the page once the work is done.
async function lookAgain(shown) {
  const page = document.hidden ? null : await fetch(shown.dataset.poll).catch(() => null);
  if (!page) return shown;
  const text = page.ok ? await page.text() : "";
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("position");
  if (fresh?.dataset.state !== shown.dataset.state) {
    location.reload();
    return null;
  }
  const before = shown.querySelector(".progress");
  const after = fresh.querySelector(".progress");
  after.querySelector("details")?.toggleAttribute("open", before.querySelector("details")?.open ?? false);
  before.replaceWith(after);
  return shown;
}

async function watch(shown) {
  for (let wait = 2000; shown; wait = Math.min(wait * 1.2, 30000)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    shown = await lookAgain(shown);
  }
}

const position = document.querySelector("[data-poll]");
if (position) watch(position);
