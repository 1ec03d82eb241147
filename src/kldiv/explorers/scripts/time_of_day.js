/* A beach at any hour, its histogram of brightness, and its divergence from noon. */
"use strict";
kldiv.explorers.time_of_day = (element, options) => {
  const { Plot, Readout, layout, slider, choice, html, svg, format, positive, klDivergence } = kldiv;
  const { elevations, counts, height, width, columns, sprite } = kldiv.data.beaches;
  const noon = elevations.length - 1;
  const state = { hour: elevations.indexOf(options.elevation), bins: options.bins, pseudocount: 0.5 };
  element.state = state;
  const { plots, controls } = layout(element, {
    title: "A beach at any hour, and the divergence of its histogram from that of noon",
    advice: "Let the sun set, slowly. Where does the divergence from noon change fastest? Then change " +
      "the number of bins: what you measure is a choice, and so is the number that comes out.",
    keys: "Tab to a slider or a choice; arrow keys change it.",
  });

  const screen = html("canvas", { width, height, role: "img", class: "screen" });
  const pictures = html("div", { class: "plot" }, screen);
  plots.append(pictures);
  const image = new Image();
  image.onload = () => draw();
  image.src = sprite;

  const plot = new Plot(plots, {
    x: [0, 256], y: [0, 0.3], xlabel: "luma (0 to 255)", ylabel: "share of pixels", height: 230,
    label: "Histograms of the brightness of two pictures", draw: () => draw(),
  });
  const now = svg("path", { class: "bar p" }, plot.marks);
  const outline = svg("path", { class: "line q" }, plot.marks);
  const names = { p: plot.note("p name", "start"), q: plot.note("q name", "end") };

  slider(controls, {
    label: "elevation of the sun", min: 0, max: noon, step: 1, value: state.hour,
    show: (i) => `${format(elevations[i], 0)}°`, changed: (i) => { state.hour = i; draw(); },
  });
  slider(controls, {
    label: "number of bins", min: 1, max: 8, step: 1, value: Math.log2(state.bins),
    show: (power) => String(2 ** power), changed: (power) => { state.bins = 2 ** power; draw(); },
  });
  choice(controls, {
    label: "added to each bin", value: 0.5,
    choices: [[0, "nothing"], [0.5, "½ a pixel"], [10, "10 pixels"]],
    changed: (count) => { state.pseudocount = count; draw(); },
  });
  const readout = new Readout(controls, {
    kl_pq: "KL(this hour‖noon)", kl_qp: "KL(noon‖this hour)",
  });

  /* Shares of the bins, from the counts of 256 of them. */
  function distribution(hour) {
    const { bins, pseudocount } = state, each = 256 / bins;
    const merged = Array.from({ length: bins }, (_, bin) =>
      kldiv.sum(counts[hour].slice(bin * each, (bin + 1) * each)) + pseudocount);
    const total = kldiv.sum(merged);
    return merged.map((count) => count / total);
  }

  const meanLuma = (hour) => format(
    kldiv.sum(counts[hour].map((count, luma) => count * luma)) / kldiv.sum(counts[hour]), 0);

  function steps(shares) {
    const each = 256 / shares.length;
    let d = `M${plot.px(0)},${plot.py(0)}`;
    shares.forEach((share, bin) => {
      d += `V${plot.py(share).toFixed(2)}H${plot.px((bin + 1) * each).toFixed(2)}`;
    });
    return `${d}V${plot.py(0)}`;
  }

  function draw() {
    const p = distribution(state.hour), q = distribution(noon);
    const highest = Math.max(...p, ...q);
    const top = [0.05, 0.1, 0.2, 0.4, 0.7, 1].find((value) => value >= highest) ?? 1;
    if (plot.y[1] !== top) {
      plot.y = [0, top];
      plot.drawAxes();
    }
    now.setAttribute("d", `${steps(p)}Z`);
    outline.setAttribute("d", steps(q));
    names.p(4, 0.93 * top, "this hour");
    names.q(252, 0.93 * top, "noon");
    const degrees = format(elevations[state.hour], 0);
    screen.setAttribute("aria-label", `The beach with the sun at ${degrees} degrees` +
      (elevations[state.hour] < 0 ? ", below the horizon" : ""));
    if (image.complete) {
      const left = (state.hour % columns) * width, up = Math.floor(state.hour / columns) * height;
      screen.getContext("2d").drawImage(image, left, up, width, height, 0, 0, width, height);
    }
    const nats = (value) => [value, `${positive(value, 3)}${Number.isFinite(value) ? " nats" : ""}`];
    const shared = kldiv.sum(p.map((share, bin) => Math.min(share, q[bin])));
    readout.show({ kl_pq: nats(klDivergence(p, q)), kl_qp: nats(klDivergence(q, p)) },
      `Mean luma: ${meanLuma(state.hour)} this hour, ${meanLuma(noon)} at noon; the two histograms ` +
      `have ${positive(100 * shared, 0)} % of their area in common.`);
  }
  draw();
};
