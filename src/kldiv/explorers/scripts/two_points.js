/* Two points in a plane and their distance; two bell curves and their divergences. */
"use strict";
kldiv.explorers.two_points = (element, options) => {
  const { Plot, Readout, layout, format, positive, klNormal, normal } = kldiv;
  const state = structuredClone(options);
  element.state = state;
  const { plots, controls } = layout(element, {
    title: "Two points and their distance, two bell curves and their divergences",
    advice: "Drag A and B, then the tops of the two curves: sideways moves a curve, up and down makes " +
      "it narrow or wide. Can you keep the distance of the means and change the divergence?",
    keys: "Tab to a point or a top; arrow keys move it (of a top, left and right: mean; up and down: " +
      "narrower and wider).",
  });

  const plane = new Plot(plots, {
    x: [-1, 6], y: [-1, 6], square: true, xlabel: "first coordinate (units)",
    ylabel: "second coordinate (units)", label: "A plane with two points, A and B",
    draw: () => drawPoints(),
  });
  const segment = plane.path("rule"), names = { a: plane.note("p name"), b: plane.note("q name") };
  const coordinate = { range: [-1, 6], step: 0.1 };
  const points = ["a", "b"].map((name) => plane.handle({
    label: `Point ${name.toUpperCase()}`, cls: name === "a" ? "p" : "q", x: coordinate, y: coordinate,
    at: () => state[name],
    text: () => state[name].map((value) => format(value, 1)).join(", "),
    keys: "Left and right arrow keys: first coordinate; up and down: second coordinate",
    moved: (x, y) => { state[name] = [x, y]; drawPoints(); },
  }));

  const stds = [0.2, 3];
  const peak = (std) => normal(0, 0, std);
  const curves = new Plot(plots, {
    x: [-6, 7], y: [0, 2.1], height: 300, xlabel: "x", ylabel: "density",
    label: "Two bell curves, p and q", draw: () => drawCurves(),
  });
  const lines = { p: curves.path("line p"), q: curves.path("line q") };
  const marks = { p: curves.note("p name"), q: curves.note("q name") };
  const tops = ["p", "q"].map((name) => curves.handle({
    label: `Top of the curve ${name}`, cls: name, x: { range: [-3, 4], step: 0.1 },
    y: { range: [peak(stds[1]), peak(stds[0])], step: 0.05 },
    at: () => [state[name][0], peak(state[name][1])],
    keys: "Left and right arrow keys: mean; up and down: standard deviation, smaller and larger",
    text: () => `mean ${format(state[name][0], 2)}, standard deviation ${format(state[name][1], 2)}`,
    moved: (x, y) => { state[name] = [x, peak(1) / y]; drawCurves(); },
  }));

  const readout = new Readout(controls, {
    distance: "distance of A and B", means: "distance of the means",
    kl_pq: "KL(p‖q)", kl_qp: "KL(q‖p)",
  });

  function drawPoints() {
    const { a, b } = state;
    const along = (i) => Array.from({ length: 41 }, (_, n) => a[i] + (b[i] - a[i]) * n / 40);
    plane.line(segment, along(0), along(1));
    const beside = [[14, 9], [-14, 9], [14, -17], [-14, -17], [0, 14], [0, -22]];
    plane.name([[names.a, "A", plane.around(...a, ...beside)], [names.b, "B", plane.around(...b, ...beside)]],
      [a, b]);
    points.forEach((place) => place());
    const distance = Math.hypot(a[0] - b[0], a[1] - b[1]);
    readout.show({ distance: [distance, `${positive(distance, 2)} units`] });
  }

  function drawCurves() {
    const { p, q } = state;
    const x = Array.from({ length: 400 }, (_, i) => -6 + 13 * i / 399);
    for (const [name, [mean, std]] of [["p", p], ["q", q]]) {
      // Its own top is among the points, however narrow the curve.
      const xs = [...x, mean].sort((first, second) => first - second);
      curves.line(lines[name], xs, xs.map((value) => normal(value, mean, std)));
    }
    curves.nameTops(marks, { p: [p[0], peak(p[1])], q: [q[0], peak(q[1])] });
    tops.forEach((place) => place());
    const ratio = q[1] / p[1];
    const means = Math.abs(p[0] - q[0]), forward = klNormal(...p, ...q), reverse = klNormal(...q, ...p);
    readout.show({
      means: [means, `${positive(means, 2)} units`],
      kl_pq: [forward, `${positive(forward, 3)} nats`], kl_qp: [reverse, `${positive(reverse, 3)} nats`],
    }, `The means are ${positive(means / p[1], 2)} standard deviations of p apart; ` +
      `q is ${Math.abs(ratio - 1) < 0.005 ? "as wide as p" : `${format(ratio, 2)} times as wide as p`}.`);
  }
  drawPoints();
  drawCurves();
};
