/* Who follows a link arrives there, and who comes back is where they were, although a page goes on
   growing while it loads: formulas are set, pictures arrive, live figures start. A place is held
   until the page has settled or the reader moves. */
"use strict";
(() => {
  const QUIET = 3000; // ms without a change, once all is there: the page has settled
  const MOVES = ["wheel", "touchstart", "pointerdown", "keydown"];
  const KEY = `reader:${location.pathname}`;
  const article = document.querySelector(".bd-article") ?? document.body;
  const come = performance.getEntriesByType("navigation")[0]?.type;
  const loaded = new Promise((done) => {
    if (document.readyState === "complete") done();
    else addEventListener("load", done, { once: true });
  });
  const all = loaded.then(() => Promise.all([window.MathJax?.startup?.promise, document.fonts.ready]));

  let release = () => {};
  function hold(place) {
    release();
    let quiet, complete = false;
    const settle = () => {
      clearTimeout(quiet);
      if (complete) quiet = setTimeout(release, QUIET);
    };
    const changed = new ResizeObserver(() => { place(); settle(); });
    release = () => {
      changed.disconnect();
      clearTimeout(quiet);
      for (const move of MOVES) removeEventListener(move, release, true);
      history.scrollRestoration = "auto";
      release = () => {};
    };
    for (const move of MOVES) addEventListener(move, release, { capture: true, passive: true });
    changed.observe(article); // calls at once
    all.then(() => { complete = true; settle(); });
  }

  // --- A link ---
  function holdLink() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target) hold(() => target.scrollIntoView({ behavior: "instant" }));
  }
  let followed = false; // a link within the page, and not a way back
  addEventListener("click", (event) => { followed = Boolean(event.target.closest?.('a[href*="#"]')); }, true);
  addEventListener("hashchange", () => {
    if (followed) holdLink();
    followed = false;
  });

  // --- A way back ---
  // Live figures bring words of their own; without these, the same blocks are there every time.
  const blocks = () => [...article.querySelectorAll("h1, h2, h3, p, li, pre, table, figure")]
    .filter((one) => !one.closest(".explorer"));
  const isShown = (one) => one.getClientRects().length > 0;
  function remember() {
    const list = blocks();
    const block = list.findIndex((one) => isShown(one) && one.getBoundingClientRect().bottom > 0);
    if (block < 0) return;
    const place = { block, top: list[block].getBoundingClientRect().top };
    try { sessionStorage.setItem(KEY, JSON.stringify(place)); } catch { /* storage is switched off */ }
  }
  function remembered() {
    try { return JSON.parse(sessionStorage.getItem(KEY)); } catch { return null; }
  }
  addEventListener("pagehide", remember);
  document.addEventListener("visibilitychange", () => { if (document.hidden) remember(); });

  const place = remembered();
  const block = place && blocks()[place.block];
  if (come === "navigate") holdLink();
  else if (block && isShown(block)) {
    history.scrollRestoration = "manual"; // the browser knows how far down, and heights change
    hold(() => scrollBy({ top: block.getBoundingClientRect().top - place.top, behavior: "instant" }));
  }
})();
