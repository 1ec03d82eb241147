/* Two normal distributions, the integrand p log(p/q) shaded by its sign, and their divergences. */
"use strict";
kldiv.explorers.gaussian_kl = (element, options) => {
  const { Plot, Readout, layout, slider, choice, format, positive } = kldiv;
  const { klNormal, jsNormal, normal, normalLog } = kldiv;
  const state = { unit: "nats", ...options };
  element.state = state;
  const { plots, controls } = layout(element, {
    title: "Two normal distributions and their divergences",
    advice: "Make q wide, then narrow: which way does KL(p‖q) grow faster? Where is the integrand " +
      "negative, and why does the sum of the areas never fall below zero?",
    keys: "Tab to a slider; arrow keys move it. The dots on the curves do what the sliders of the means do.",
  });

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
    cls: name, double: true, x: { range: [-3, 3], step: 0.1 },
    at: () => [state[name][0], normal(0, 0, state[name][1])],
    moved: (x) => {
      state[name][0] = Math.round(100 * x) / 100; // the digits that are shown
      set[`mean ${name}`](state[name][0]);
      draw();
    },
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
    }
    const peak = ([mean, std]) => [mean, normal(0, 0, std)];
    density.nameTops(marks, { p: peak(p), q: peak(q) });
    const scale = unit === "bits" ? 1 / Math.LN2 : 1;
    const values = x.map((value) => scale * normal(value, ...p)
      * (normalLog(value, ...p) - normalLog(value, ...q)));
    // The axis grows with what there is to show, in steps, so that it rests while one drags.
    const most = Math.max(...values), least = -Math.min(...values);
    const top = [1.5, 3, 6, 15, 30, 60, 150, 300].find((step) => step >= most && step / 3 >= least) ?? 600;
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
    const shown = (nats) => [scale * nats, `${positive(scale * nats, 4)} ${unit}`];
    readout.show({
      kl_pq: shown(klNormal(...p, ...q)), kl_qp: shown(klNormal(...q, ...p)),
      js: shown(jsNormal(...p, ...q)),
    }, `The integrand is negative ${negative()}.`);
  }

  /* Where p < q: between or beyond the zeros of log p − log q = a x² + 2 b x + c. */
  function negative() {
    const [[m, s], [n, t]] = [state.p, state.q];
    const a = (1 / t ** 2 - 1 / s ** 2) / 2, b = (m / s ** 2 - n / t ** 2) / 2;
    const c = normalLog(0, m, s) - normalLog(0, n, t);
    if (s === t) {
      if (m === n) return "nowhere: p and q are the same";
      return `for x ${m < n ? "above" : "below"} ${format((m + n) / 2, 2)}`;
    }
    // Written so that nothing cancels, however small a is.
    const far = -b - (b < 0 ? -1 : 1) * Math.sqrt(Math.max(0, b * b - a * c));
    const [low, high] = [far / a, c / far].sort((first, second) => first - second);
    const [from, to] = [format(low, 2), format(high, 2)];
    return a > 0 ? `for x from ${from} to ${to}` : `for x below ${from} and above ${to}`;
  }
  draw();
};
