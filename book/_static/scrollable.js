/* The arrow keys scroll what is wider than the page once it can be focused: here, tables. */
"use strict";
(() => {
  const places = document.getElementsByClassName("pst-scrollable-table-container");
  function mark() {
    for (const place of places) {
      if (place.scrollWidth > place.clientWidth) {
        place.tabIndex = 0;
        place.setAttribute("role", "region");
        place.setAttribute("aria-label", "Table wider than the page");
      } else {
        for (const name of ["tabindex", "role", "aria-label"]) place.removeAttribute(name);
      }
    }
  }
  addEventListener("resize", mark);
  document.readyState === "loading" ? addEventListener("DOMContentLoaded", mark) : mark();
})();
