/* Names for what the theme's scripts leave without one; places that stay where they were asked for. */
"use strict";

addEventListener("load", () => {
  for (const button of document.querySelectorAll(".admonition-title > .toggle-button")) {
    button.setAttribute("aria-label", `${button.parentElement.textContent.trim()}: show or hide`);
  }
  document.querySelector("nav.page-toc")?.setAttribute("aria-label", "On this page");

  // The drawer of the contents opens at the page that is shown.
  document.querySelector("button.primary-toggle, label.primary-toggle")?.addEventListener("click", () =>
    setTimeout(() => {
      document.querySelector(".bd-sidebar-primary .active > a")?.scrollIntoView({ block: "center" });
    }, 100)
  );
});

/* A live figure grows as it starts. What the address names is kept in view, until the reader moves.
   Who comes back to a page, or loads it again, is where they left it: the browser sees to that. */
function keepInView() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const grown = new ResizeObserver(() => target.scrollIntoView({ behavior: "instant" }));
  grown.observe(document.querySelector(".bd-article") ?? document.body);
  const moves = ["wheel", "touchstart", "pointerdown", "keydown"];
  const stop = () => {
    grown.disconnect();
    for (const move of moves) removeEventListener(move, stop);
  };
  for (const move of moves) addEventListener(move, stop, { passive: true });
  setTimeout(stop, 5000);
}
addEventListener("load", () => {
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate") keepInView();
});
let followed = false; // a link within the page, and not a way back
addEventListener("click", (event) => { followed = Boolean(event.target.closest?.('a[href*="#"]')); }, true);
addEventListener("hashchange", () => {
  if (followed) keepInView();
  followed = false;
});
