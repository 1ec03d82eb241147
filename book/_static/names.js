/* Names for what the theme's scripts leave without one. */
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
