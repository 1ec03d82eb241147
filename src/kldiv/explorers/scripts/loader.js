/* Starts each live figure of a page when the reader comes near it, and loads what it needs then.

   A figure is <div class="explorer" data-explorer="bars" data-scripts="plot.js bars.js">. Its static
   picture, an output of its own, stays where scripts are off and on paper. */
"use strict";
(() => {
  const kldiv = (window.kldiv ??= { explorers: {}, data: {} });
  const here = document.currentScript?.src ?? "";
  const loading = new Map();

  function load(name) {
    if (!loading.has(name)) {
      loading.set(name, new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = new URL(name, here).href;
        script.onload = done;
        script.onerror = () => failed(new Error(`${script.src} did not load`));
        document.head.append(script);
      }));
    }
    return loading.get(name);
  }

  /* The static picture is in the same output, or in that of the cell before: take its place, above
     its caption. JupyterLab keeps each output where it is. */
  function replacePicture(element) {
    const output = element.closest(".cell_output, .jp-Cell-outputArea");
    const before = element.closest(".cell")?.previousElementSibling?.querySelector(".cell_output");
    const pictured = output?.querySelector("img") ? output : before;
    if (!pictured) return;
    if (pictured !== output) pictured.prepend(element);
    pictured.classList.add("is-live");
  }

  kldiv.start = (element) => {
    if (element.dataset.state) return;
    element.dataset.state = "starting";
    try {
      kldiv.explorers[element.dataset.explorer](element, JSON.parse(element.dataset.options ?? "{}"));
      element.dataset.state = "live";
      replacePicture(element);
    } catch (error) {
      element.replaceChildren(); // the static picture is still there
      element.dataset.state = "failed";
      throw error;
    }
  };

  kldiv.watch = (root) => {
    const near = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        // One after the other: each script may use what an earlier one defines.
        const scripts = (target.dataset.scripts ?? "").split(" ").filter(Boolean);
        scripts.reduce((before, name) => before.then(() => load(name)), Promise.resolve())
          .then(() => kldiv.start(target));
      }
    }, { rootMargin: "400px" });
    for (const element of root.querySelectorAll(".explorer:not([data-state])")) near.observe(element);
  };

  if (here) {
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", () => kldiv.watch(document));
    } else {
      kldiv.watch(document);
    }
  }
})();
