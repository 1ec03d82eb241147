/* Two normal distributions, the integrand p log(p/q) shaded by its sign, and their divergences. */
"use strict";
kldiv.explorers.gaussian_kl = (element, options) => {
  const { Plot, Readout, layout, slider, choice, format, klNormal, jsNormal, normal, normalLog } = kldiv;
  const state = { unit: "nats", ...options };
  element.state = state;
  const { plots, controls } = layout(element,
    "Make q wide, then narrow: which way does KL(p‖q) grow faster? Where is the integrand " +
    "negative, and why does the sum of the areas never fall below zero?");

  const density = new Plot(plots, {
    x: [-7, 7], y: [0, 1.4], xlabel: "x", ylabel: "density", label: "The densities of p and q",
    draw: () => draw(),
  });
  const integrand = new Plot(plots, {
    x: [-7, 7], y: [-0.5, 1.5], xlabel: "x", ylabel: "p log(p/q) (nats)",
    label: "The integrand of KL(p‖q)", draw: () => draw(),
  });
  const curves = { p: density.path("line p"), q: density.path("line q") };
  const marks = { p: density.note("p name"), q: density.note("q name") };
  const gain = integrand.path("area gain"), loss = integrand.path("area loss");
  const outline = integrand.path("line kl"), zero = integrand.path("rule");

  const names = { p: "p", q: "q" };
  const handles = Object.keys(names).map((name) => density.handle({
    label: `Mean of ${name}`, cls: name, x: { range: [-3, 3], step: 0.1 },
    at: () => [state[name][0], normal(0, 0, state[name][1])],
    text: () => format(state[name][0], 2),
    moved: (x) => { state[name][0] = x; set[`mean ${name}`](x); draw(); },
  }));
  const set = {};
  for (const name of Object.keys(names)) {
    const parameter = (index, words, min, max, step) => {
      set[`${words} ${name}`] = slider(controls, {
        label: `${words} of ${name}`, min, max, step, value: state[name][index], cls: name,
        show: (value) => format(value, 2),
        changed: (value) => { state[name][index] = value; draw(); },
      });
    };
    parameter(0, "mean", -3, 3, 0.01);
    parameter(1, "standard deviation", 0.3, 3, 0.01);
  }
  choice(controls, {
    label: "unit", choices: [["nats", "nats"], ["bits", "bits"]], value: state.unit,
    changed: (unit) => { state.unit = unit; draw(); },
  });
  const readout = new Readout(controls, {
    kl_pq: "KL(p‖q)", kl_qp: "KL(q‖p)", js: "Jensen–Shannon",
  });

  const x = Array.from({ length: 561 }, (_, i) => -7 + 14 * i / 560);
  function draw() {
    const { p, q, unit } = state;
    for (const name of Object.keys(names)) {
      density.line(curves[name], x, x.map((value) => normal(value, ...state[name])));
      const outside = (name === "p") === (p[0] <= q[0]) ? -1 : 1; // beside it, away from the other
      const [mean, std] = state[name];
      marks[name](mean + 0.7 * outside, Math.min(normal(0, 0, std) + 0.02, 1.34), name);
    }
    const scale = unit === "bits" ? 1 / Math.LN2 : 1;
    const values = x.map((value) => scale * normal(value, ...p)
      * (normalLog(value, ...p) - normalLog(value, ...q)));
    // The axis grows with what there is to show, in steps, so that it rests while one drags.
    const top = [1.5, 3, 6, 15, 30, 60, 150].find((step) => step >= Math.max(...values)) ?? 300;
    if (integrand.y[1] !== top || integrand.ylabel !== `p log(p/q) (${unit})`) {
      integrand.y = [-top / 3, top];
      integrand.ylabel = `p log(p/q) (${unit})`;
      integrand.drawAxes();
    }
    integrand.line(outline, x, values);
    integrand.area(gain, x, values, (value) => value >= 0);
    integrand.area(loss, x, values, (value) => value <= 0);
    integrand.line(zero, [-7, 7], [0, 0]);
    handles.forEach((place) => place());
    const shown = (nats) => [scale * nats, `${format(scale * nats, 4)} ${unit}`];
    readout.show({
      kl_pq: shown(klNormal(...p, ...q)), kl_qp: shown(klNormal(...q, ...p)),
      js: shown(jsNormal(...p, ...q)),
    });
  }
  draw();
};
