/* A figure that had to shrink a lot gets a button that shows it large, to be scrolled sideways. */
"use strict";
addEventListener("load", () => {
  const shrunk = (image) => image.clientWidth < 0.75 * (parseFloat(image.style.width) || image.naturalWidth);
  function offer(image) {
    const figure = image.closest("figure");
    if (!image.clientWidth || figure.querySelector(".enlarge")) return;
    if (!shrunk(image)) return;
    const button = document.createElement("button");
    button.className = "enlarge";
    button.type = "button";
    const say = (large) => { button.textContent = large ? "Fit to the page" : "Enlarge"; };
    say(false);
    button.addEventListener("click", () => say(figure.classList.toggle("large")));
    image.insertAdjacentElement("afterend", button);
  }
  // A picture has its size once it is laid out: when it is neared, or the page is turned.
  const seen = new ResizeObserver((entries) => entries.forEach((entry) => offer(entry.target)));
  document.querySelectorAll(".bd-article figure img").forEach((image) => seen.observe(image));
});
