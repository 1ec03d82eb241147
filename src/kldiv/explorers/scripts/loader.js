/* Starts each live figure of a page when the reader comes near it, and loads what it needs then.

   A figure is <div class="explorer" data-explorer="bars" data-scripts="plot.js bars.js">. Its static
   picture, an output of its own, stays where scripts are off and on paper. */
"use strict";
(() => {
  const kldiv = (window.kldiv ??= { explorers: {}, data: {} });
  const here = document.currentScript?.src ?? "";
  const version = document.currentScript?.dataset.version; // of all scripts, for the browser's cache
  const loading = new Map();
  /* For ids. In JupyterLab, where every figure brings the scripts again, they must not start anew. */
  kldiv.number = () => (kldiv.count = (kldiv.count ?? 0) + 1);

  function load(name) {
    if (!loading.has(name)) {
      loading.set(name, new Promise((done, failed) => {
        const script = document.createElement("script");
        const address = new URL(name, here);
        if (version) address.search = `?v=${version}`;
        script.src = address.href;
        script.onload = done;
        script.onerror = () => failed(new Error(`${script.src} did not load`));
        document.head.append(script);
      }));
    }
    return loading.get(name);
  }

  /* What the static picture says to those who do not see it: its caption is the live figure's name,
     and its alternative text tells how that starts. */
  function describe(element, picture) {
    const id = `explorer-${kldiv.number()}`;
    const caption = picture.closest("figure")?.querySelectorAll(".caption-number, .caption-text") ?? [];
    caption.forEach((part, i) => { part.id ||= `${id}-caption-${i}`; });
    if (caption.length) {
      element.setAttribute("aria-labelledby", Array.from(caption, (part) => part.id).join(" "));
    }
    if (!picture.alt) return;
    const text = document.createElement("p");
    Object.assign(text, { id: `${id}-start`, className: "explorer-said" });
    text.textContent = `At the start: ${picture.alt}`;
    element.prepend(text);
    element.setAttribute("aria-describedby", text.id);
  }

  /* The static picture is in the same output, or in that of the cell before: take its place, above
     its caption. JupyterLab keeps each output where it is. */
  function replacePicture(element) {
    const output = element.closest(".cell_output, .jp-Cell-outputArea");
    const before = element.closest(".cell")?.previousElementSibling?.querySelector(".cell_output");
    const pictured = output?.querySelector("img") ? output : before;
    const picture = pictured?.querySelector("img");
    if (!picture) return;
    if (pictured !== output) {
      const cell = element.closest(".cell");
      pictured.prepend(element);
      cell.hidden = !cell.textContent.trim() && !cell.querySelector("img"); // nothing is left in it
    }
    pictured.classList.add("is-live");
    describe(element, picture);
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
      for (const name of ["role", "aria-label"]) element.removeAttribute(name);
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
