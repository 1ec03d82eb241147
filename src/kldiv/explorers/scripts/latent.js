/* The latent plane of a trained model: point at it and see what its decoder draws there; choose or
   paint a garment and see where its encoder puts it. */
"use strict";
kldiv.explorers.latent = (element, options) => {
  const { Plot, Readout, layout, choice, button, html, svg, format, positive, clamp } = kldiv;
  const { garments, names, colors, classes, side } = kldiv.data.garments;
  const models = kldiv.data.latent_models;
  const pixels = side * side;
  const state = { model: options.model, z: null, x: null, chosen: options.garment };
  element.state = state;
  element.decoded = () => Array.from(decode(models[state.model], state.z)); // before it is rounded
  const { plots, controls } = layout(element, {
    title: "The latent plane of a trained autoencoder",
    advice: "Drag the ring over the plane and watch one garment turn into another. Then choose a " +
      "garment: the ellipse is its posterior. Switch the penalty, and watch the ellipse shrink or " +
      "the plane empty.",
    keys: "Tab to the ring; arrow keys move it (left and right: z₁; up and down: z₂). " +
      "Garments and penalties follow.",
  });

  /* --- The model, computed here ----------------------------------------------------------------- */

  function dense({ weight, bias }, input) {
    const output = Float32Array.from(bias), n = input.length;
    for (let row = 0; row < output.length; row++) {
      let total = 0;
      for (let i = 0, at = row * n; i < n; i++, at++) total += weight[at] * input[i];
      output[row] += total;
    }
    return output;
  }
  const relu = (values) => values.map((value) => Math.max(0, value));
  const decode = ({ layers }, z) =>
    dense(layers.decoder_pixels, relu(dense(layers.decoder_hidden, z)))
      .map((logit) => 1 / (1 + Math.exp(-logit)));
  const encode = ({ layers }, x) => {
    const hidden = relu(dense(layers.encoder_hidden, x));
    return {
      mean: Array.from(dense(layers.encoder_mean, hidden)),
      std: Array.from(dense(layers.encoder_log_var, hidden), (value) => Math.exp(value / 2)),
    };
  };

  /* --- The plane -------------------------------------------------------------------------------- */

  const plane = new Plot(plots, {
    x: [-4, 4], y: [-4, 4], square: true, xlabel: "z₁", ylabel: "z₂",
    label: "The latent plane with the codes of test images", draw: () => { scatter(); draw(); },
  });
  const cloud = svg("g", { class: "cloud" }, plane.marks);
  const groups = names.map((_, label) => svg("path", { class: "codes", stroke: colors[label] }, cloud));
  const ellipses = [1, 2].map(() => svg("ellipse", { class: "posterior" }, plane.marks));
  const sampled = svg("path", { class: "sampled" }, plane.marks);
  const across = { range: [-4, 4], step: 0.1 }, up = { range: [-4, 4], step: 0.1 };
  const place = plane.handle({
    label: "Place in the latent plane", cls: "walker", x: across, y: up,
    at: () => state.z, text: () => state.z.map((value) => format(value, 2)).join(", "),
    keys: "Left and right arrow keys: z₁; up and down: z₂",
    moved: (x, y) => { state.z = [x, y]; draw(); },
  });
  plane.svg.addEventListener("click", (event) => {
    if (event.target.closest(".handle")) return;
    const [x, y] = plane.place(event);
    state.z = [clamp(plane.ux(x), plane.x), clamp(plane.uy(y), plane.y)];
    draw();
  });

  const aside = html("div", { class: "plot aside" });
  plots.append(aside);
  const canvas = () => html("canvas", { width: side, height: side });
  const screen = () => { // an image, whose label says what it shows
    const element = canvas();
    element.setAttribute("role", "img");
    return element;
  };
  const figure = (caption, ...content) =>
    html("div", { class: "shown" }, ...content, html("p", {}, caption));
  const drawn = screen(), paper = screen(), restored = screen();
  paper.classList.add("paper");
  aside.append(html("div", { class: "screens" }, figure("drawn at the ring", drawn),
    figure("encoded: paint on it", paper), figure("and restored", restored)));
  const draws = Array.from({ length: 6 }, canvas);
  const samples = html("div", { class: "screens six", role: "img" }, ...draws);
  aside.append(samples, html("p", { class: "under" }, "six samples of its posterior, decoded"));

  const shelf = html("div", { class: "shelf", role: "group", "aria-label": "Garments of the test set" });
  controls.append(shelf);
  garments.forEach((garment, i) => {
    const thumb = canvas();
    const pick = html("button", { type: "button", "aria-label": names[i], title: names[i] }, thumb);
    pick.addEventListener("click", () => { choose(i); draw(); });
    show(thumb, garment.map((value) => value / 255));
    shelf.append(pick);
  });

  choice(controls, {
    label: "trained with", value: state.model,
    choices: Object.entries(models).map(([key, { words }]) => [key, words]),
    changed: (key) => { state.model = key; reset(); },
  });
  const buttons = html("div", { class: "buttons" });
  controls.append(buttons);
  button(buttons, "Blank paper", () => { state.x = new Float32Array(pixels); state.chosen = null; draw(); });
  button(buttons, "Ring to the garment", () => { state.z = posterior().mean.map((value, i) =>
    clamp(value, i ? plane.y : plane.x)); draw(); });
  const readout = new Readout(controls, {
    mean: "posterior: mean", std: "standard deviations", place: "KL from its place, ½ Σ μ²",
    width: "KL from its widths, ½ Σ (σ² − 1 − ln σ²)", kl: "KL(q(z|x)‖p(z))",
  }, ["std", "kl"]);

  /* --- What happens ------------------------------------------------------------------------------ */

  function show(canvas, image) {
    const context = canvas.getContext("2d"), data = context.createImageData(side, side);
    for (let i = 0; i < pixels; i++) {
      data.data.fill(Math.round(255 * image[i]), 4 * i, 4 * i + 3);
      data.data[4 * i + 3] = 255;
    }
    context.putImageData(data, 0, 0);
  }

  function choose(i) {
    state.chosen = i;
    state.x = Float32Array.from(garments[i], (value) => value / 255);
  }

  const posterior = () => encode(models[state.model], state.x);

  function reset() {
    const { reach } = models[state.model];
    [plane.x, plane.y] = reach;
    [across.range, up.range] = reach;
    across.step = up.step = 10 ** Math.floor(Math.log10((reach[0][1] - reach[0][0]) / 20));
    state.z = reach.map(([low, high]) => (low + high) / 2);
    plane.drawAxes();
    scatter();
    draw();
  }

  /* Dots as lines without length, one path a class: a thousand elements would be slow to move. */
  function scatter() {
    const { codes } = models[state.model];
    const d = names.map(() => "");
    classes.forEach((label, i) => {
      d[label] += `M${plane.px(codes[2 * i]).toFixed(1)},${plane.py(codes[2 * i + 1]).toFixed(1)}h0`;
    });
    groups.forEach((group, label) => group.setAttribute("d", d[label]));
  }

  /* The class of the nearest of the codes that the plane shows, and its distance. */
  function nearest([x, y]) {
    const { codes } = models[state.model];
    let least = Infinity, found = 0;
    classes.forEach((label, i) => {
      const [a, b] = [codes[2 * i], codes[2 * i + 1]];
      if (a < plane.x[0] || a > plane.x[1] || b < plane.y[0] || b > plane.y[1]) return;
      const distance = Math.hypot(a - x, b - y);
      if (distance < least) [least, found] = [distance, label];
    });
    return { name: names[found], distance: least };
  }

  function encoded() {
    if (state.chosen !== null) return names[state.chosen];
    return state.x.some((ink) => ink > 0) ? "Your drawing" : "Blank paper";
  }

  const NOISE = [[0.5, 0.9], [-1.1, 0.2], [0.3, -1.3], [1.4, -0.4], [-0.6, -0.7], [-0.2, 1.2]];

  function draw() {
    const model = models[state.model], { mean, std } = posterior();
    show(drawn, decode(model, state.z));
    show(paper, state.x);
    show(restored, decode(model, mean));
    const subject = encoded(), neighbour = nearest(state.z);
    const at = state.z.map((value) => format(value, 2)).join(", ");
    drawn.setAttribute("aria-label", `Drawn at the ring, at ${at}, near a code of class ${neighbour.name}`);
    paper.setAttribute("aria-label", `${subject}, encoded`);
    restored.setAttribute("aria-label", `${subject}, restored from the middle of its posterior`);
    samples.setAttribute("aria-label", `${subject}: six samples of its posterior, decoded`);
    let d = "";
    NOISE.forEach((noise, i) => {
      const z = mean.map((value, j) => value + std[j] * noise[j]);
      show(draws[i], decode(model, z));
      d += `M${plane.px(z[0]).toFixed(1)},${plane.py(z[1]).toFixed(1)}h0`;
    });
    sampled.setAttribute("d", d);
    ellipses.forEach((ellipse, i) => {
      const radius = (j, scale) => Math.max((i + 1) * std[j] * scale, 1.5);
      ellipse.setAttribute("cx", plane.px(mean[0]));
      ellipse.setAttribute("cy", plane.py(mean[1]));
      ellipse.setAttribute("rx", radius(0, plane.px(1) - plane.px(0)));
      ellipse.setAttribute("ry", radius(1, plane.py(0) - plane.py(1)));
    });
    [...shelf.children].forEach((pick, i) => pick.setAttribute("aria-pressed", i === state.chosen));
    place();
    const half = (values) => kldiv.sum(values) / 2;
    const byPlace = half(mean.map((value) => value * value));
    const byWidth = half(std.map((value) => kldiv.expRemainder(2 * Math.log(value))));
    const nats = (value) => [value, `${positive(value, 3)} nats`];
    readout.show({
      mean: [JSON.stringify(mean), mean.map((value) => format(value, 2)).join(", ")],
      std: [JSON.stringify(std), std.map((value) => positive(value, value < 0.1 ? 4 : 3)).join(", ")],
      place: nats(byPlace), width: nats(byWidth), kl: nats(byPlace + byWidth),
    }, `The ring: nearest of the test codes shown: ${neighbour.name}, ${positive(neighbour.distance, 2)} away.`);
  }

  /* Painting: a soft round brush. */
  let painting = false;
  const paint = (event) => {
    const box = paper.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * side, y = (event.clientY - box.top) / box.height * side;
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        const ink = clamp(1.9 - Math.hypot(column + 0.5 - x, row + 0.5 - y), [0, 1]);
        const i = row * side + column;
        state.x[i] = Math.max(state.x[i], ink);
      }
    }
    state.chosen = null;
    draw();
  };
  paper.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.ctrlKey) return; // which open a menu
    painting = true;
    paper.setPointerCapture(event.pointerId);
    event.preventDefault();
    paint(event);
  });
  paper.addEventListener("pointermove", (event) => {
    if (!event.buttons) painting = false;
    if (painting) paint(event);
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    paper.addEventListener(end, () => { painting = false; });
  }

  choose(state.chosen);
  reset();
};
