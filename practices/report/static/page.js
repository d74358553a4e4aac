// Optional: every page works without scripts.
"use strict";

// The view follows a switch immediately; the button stays for readers without a pointer.
for (const form of document.querySelectorAll("form[data-auto]")) {
  form.addEventListener("change", (event) => {
    if (event.target.matches("select") && event.target.dataset.wait === undefined) form.requestSubmit();
  });
}

// The region under the pointer or the keyboard focus is named below the map.
for (const map of document.querySelectorAll("svg.map")) {
  const said = map.closest("section")?.querySelector("[data-said-here]");
  if (!said) continue;
  const rest = said.textContent;
  const show = (event) => {
    const link = event.target.closest("a[data-said]");
    said.textContent = link ? link.dataset.said : rest;
  };
  for (const kind of ["mouseover", "focusin", "mouseout", "focusout"]) {
    map.addEventListener(kind, kind.endsWith("out") ? () => (said.textContent = rest) : show);
  }
}

// An action that cannot be undone asks for confirmation.
for (const form of document.querySelectorAll("form[data-ask]")) {
  form.addEventListener("submit", (event) => {
    if (!window.confirm(form.dataset.ask)) event.preventDefault();
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A form with sources or sites takes further rows: the last empty one is copied.
for (const button of document.querySelectorAll("button[data-more]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const list = document.getElementById(button.dataset.more);
    const last = list.lastElementChild;
    const next = last.cloneNode(true);
    const number = list.children.length;
    for (const field of next.querySelectorAll("[name]")) {
      field.name = field.name.replace(/-\d+$/, `-${number}`);
      field.value = "";
      if (field.id) field.id = field.id.replace(/-\d+$/, `-${number}`);
    }
    for (const label of next.querySelectorAll("label[for]")) label.htmlFor = label.htmlFor.replace(/-\d+$/, `-${number}`);
    list.append(next);
    next.querySelector("[name]").focus();
  });
}
