/* Keys and answers without a new page. Everything here also works by links and forms alone. */
"use strict";
(() => {
  const token = document.querySelector("input[name=csrftoken]");
  const cards = [...document.querySelectorAll("[data-story][data-href]")];
  const one = document.querySelector("article[data-story]:not([data-href])");
  let at = -1;

  const toast = document.createElement("div");
  toast.className = "toast";
  toast.setAttribute("role", "status");
  document.body.append(toast);

  const say = (text) => { toast.textContent = text; toast.classList.add("on"); setTimeout(() => toast.classList.remove("on"), 2500); };

  const go = (to) => {
    if (!cards.length) return;
    at = Math.min(Math.max(to, 0), cards.length - 1);
    cards.forEach((card, i) => card.classList.toggle("current", i === at));
    const link = cards[at].querySelector("a.headline");
    if (link) link.focus({ preventScroll: true });
    cards[at].scrollIntoView({ block: "nearest" });
  };

  const answer = async (element, kind) => {
    if (!token || !element) return;
    const body = new URLSearchParams({ csrftoken: token.value, kind, story: element.dataset.story });
    const response = await fetch("/triage", { method: "POST", body, headers: { accept: "application/json" }, credentials: "same-origin" });
    const word = document.querySelector(`button[name=kind][value=${kind}]`);
    if (response.ok) {
      element.classList.add("is-" + kind);
      say((word ? word.textContent.trim() : kind) + " ✓");
      if (element.dataset.href) go(at + 1);
    } else {
      say("✗ " + response.status);
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    const target = one || cards[at];
    if (event.key === "j") go(at + 1);
    else if (event.key === "k") go(at - 1);
    else if (event.key === "o" && cards[at]) location.href = cards[at].dataset.href;
    else if (event.key === "m") answer(target, "read");
    else if (event.key === "s") answer(target, "important");
    else return;
    event.preventDefault();
  });
})();
