/* The arrow keys scroll what is wider than the page once it can be focused. */
"use strict";
(() => {
  const KINDS = {
    ".pst-scrollable-table-container": "Table",
    "mjx-container[display]": "Formula",
    ".bd-article figure": "", // named by its caption
  };
  function mark() {
    for (const [places, kind] of Object.entries(KINDS)) {
      document.querySelectorAll(places).forEach((place, i) => {
        if (place.scrollWidth > place.clientWidth) {
          place.tabIndex = 0;
          if (!kind) return;
          place.setAttribute("role", "region");
          place.setAttribute("aria-label", `${kind} ${i + 1} of this page, wider than the page`);
        } else {
          for (const name of ["tabindex", "role", "aria-label"]) place.removeAttribute(name);
        }
      });
    }
  }
  async function start() {
    mark();
    await window.MathJax?.startup?.promise;
    await document.fonts.ready;
    mark();
    // Fonts that come late, figures that start: whatever changes the page's height.
    new ResizeObserver(mark).observe(document.querySelector(".bd-article") ?? document.body);
  }
  addEventListener("resize", mark);
  document.readyState === "complete" ? start() : addEventListener("load", start);
})();
