// A form of the desk is sent once: a second click on its button does nothing until the page changes.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form.dk-form")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.dataset.download === undefined) form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
});

// A page brought back by the browser's history can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form.dk-form")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

// The theme makes each scrolling part a region of the same English name: they are told apart before it does.
document.addEventListener("DOMContentLoaded", () => {
  for (const part of document.querySelectorAll("[data-simplebar]")) {
    const named = part.closest("[aria-label], [data-dk-label]");
    const name = named ? named.dataset.dkLabel || named.getAttribute("aria-label") : document.title;
    part.dataset.simplebarAriaLabel = name;
  }
});
