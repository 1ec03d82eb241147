/* A two-peaked target, and the normal distributions closest to it in either direction. */
"use strict";
kldiv.explorers.projection = (element, options) => {
  const { Plot, Readout, layout, slider, format, positive, integrate, normal, normalLog, clamp } = kldiv;
  const state = { separation: options.separation, weight: options.weights[0] };
  const [leftStd, rightStd] = options.stds;
  element.state = state;
  const { plots, controls } = layout(element, {
    title: "A target of two peaks, and the two normal distributions closest to it",
    advice: "Move the peaks apart, slowly, from 0. The forward fit widens all the way; at some point " +
      "the reverse fit has to choose. Give the right peak more weight and see it change its mind.",
    keys: "Tab to a slider; arrow keys move it.",
  });
  const plot = new Plot(plots, {
    x: [-8, 8], y: [0, Math.max(0.72, 0.42 / Math.min(leftStd, rightStd))], height: 300, xlabel: "x", ylabel: "density",
    label: "A target p of two peaks, and two normal distributions", draw: () => draw(),
  });
  const target = plot.path("area target"), outline = plot.path("line p");
  const lines = { forward: plot.path("line q"), reverse: plot.path("line q dotted") };
  const names = {
    p: plot.note("p name"), forward: plot.note("q name"), reverse: plot.note("q name"),
  };

  slider(controls, {
    label: "distance of the peaks", min: 0, max: 8, step: 0.05, value: state.separation,
    show: (value) => format(value, 2), changed: (value) => { state.separation = value; draw(); },
  });
  slider(controls, {
    label: "weight of the left peak", min: 0.1, max: 0.9, step: 0.01, value: state.weight,
    show: (value) => format(value, 2), changed: (value) => { state.weight = value; draw(); },
  });
  const readout = new Readout(controls, {
    forward_mean: "forward: mean", forward_std: "forward: standard deviation",
    forward_kl: "least KL(p‖q)", reverse_mean: "reverse: mean",
    reverse_std: "reverse: standard deviation", reverse_kl: "least KL(q‖p)",
  }, ["forward_kl", "reverse_kl"]);

  /* log p, of the target. */
  function logTarget(x) {
    const { separation, weight } = state;
    const logs = [
      Math.log(weight) + normalLog(x, -separation / 2, leftStd),
      Math.log(1 - weight) + normalLog(x, separation / 2, rightStd),
    ];
    const largest = Math.max(...logs);
    return largest + Math.log(Math.exp(logs[0] - largest) + Math.exp(logs[1] - largest));
  }

  const step = 1 / 12, reach = 9; // of the trapezoidal rule, in standard deviations
  const reverseKl = (mean, std) => integrate((u) => {
    const weight = normal(u, 0, 1);
    return weight * (normalLog(u, 0, 1) - Math.log(std) - logTarget(mean + std * u));
  }, -reach, reach, step);

  /* Forward: the moments of p. */
  function forward() {
    const { separation, weight } = state, means = [-separation / 2, separation / 2];
    const mean = weight * means[0] + (1 - weight) * means[1];
    const square = weight * (leftStd ** 2 + means[0] ** 2) + (1 - weight) * (rightStd ** 2 + means[1] ** 2);
    const std = Math.sqrt(square - mean ** 2);
    const low = Math.min(means[0] - 10 * leftStd, means[1] - 10 * rightStd);
    const high = Math.max(means[0] + 10 * leftStd, means[1] + 10 * rightStd);
    const kl = integrate((x) => {
      const log = logTarget(x);
      return Math.exp(log) * (log - normalLog(x, mean, std));
    }, low, high, Math.min(leftStd, rightStd) / 12);
    return { mean, std, kl };
  }

  /* The slope of the reverse KL in mean and log std, by Stein's lemma from log p alone:
     ∂/∂m = −E[∂ log p], ∂/∂log s = −1 − s E[u ∂ log p]. */
  function slope(mean, logStd) {
    const std = Math.exp(logStd), { separation, weight } = state;
    let first = 0, second = 0;
    const n = Math.round(2 * reach / step);
    for (let i = 0; i <= n; i++) {
      const u = -reach + i * step, x = mean + std * u, density = normal(u, 0, 1) * step;
      const a = Math.log(weight) + normalLog(x, -separation / 2, leftStd);
      const b = Math.log(1 - weight) + normalLog(x, separation / 2, rightStd);
      const share = 1 / (1 + Math.exp(b - a)); // of the left peak at x
      const score = -share * (x + separation / 2) / leftStd ** 2
        - (1 - share) * (x - separation / 2) / rightStd ** 2;
      first -= density * score;
      second -= density * u * score * std;
    }
    return [first, second - 1];
  }

  /* Newton's method on the slope, damped; falls back on descent where that points uphill. */
  function descend(mean, std) {
    let at = [mean, Math.log(std)], value = reverseKl(at[0], Math.exp(at[1]));
    for (let i = 0; i < 60; i++) {
      const g = slope(...at);
      if (Math.hypot(...g) < 1e-11) break;
      const h = 1e-5;
      const right = slope(at[0] + h, at[1]), up = slope(at[0], at[1] + h);
      const [a, b, d] = [(right[0] - g[0]) / h, (right[1] - g[1] + up[0] - g[0]) / (2 * h), (up[1] - g[1]) / h];
      const determinant = a * d - b * b;
      let move = determinant > 0 && a > 0
        ? [-(d * g[0] - b * g[1]) / determinant, -(a * g[1] - b * g[0]) / determinant]
        : [-g[0], -g[1]];
      move = move.map((value) => clamp(value, [-1, 1]));
      let found = false;
      for (let shrink = 1; shrink > 1e-4; shrink /= 2) {
        const next = [at[0] + shrink * move[0], at[1] + shrink * move[1]];
        const nextValue = reverseKl(next[0], Math.exp(next[1]));
        if (nextValue < value + 1e-13) { at = next; value = nextValue; found = true; break; }
      }
      if (!found) break;
    }
    return { mean: at[0], std: Math.exp(at[1]), kl: value };
  }

  function reverse() {
    const half = state.separation / 2;
    const found = [[-half, leftStd], [0, 1.5], [half, rightStd]].map((start) => descend(...start));
    return found.reduce((best, other) => (other.kl < best.kl - 1e-12 ? other : best));
  }

  const x = Array.from({ length: 481 }, (_, i) => -8 + 16 * i / 480);
  function draw() {
    const fits = { forward: forward(), reverse: reverse() };
    const density = x.map((value) => Math.exp(logTarget(value)));
    plot.line(outline, x, density);
    plot.area(target, x, density);
    for (const [name, { mean, std }] of Object.entries(fits)) {
      plot.line(lines[name], x, x.map((value) => normal(value, mean, std)));
    }
    const { forward: wide, reverse: narrow } = fits;
    // Each name beside its own line, where that is away from the others: at its top or on a slope.
    const beside = (f, places) => places.flatMap(([x, right]) => plot.around(x, f(x), [right, 8], [right, 20]));
    const slopes = ({ mean, std }, way) => beside((x) => normal(x, mean, std),
      [2.3, -2.3, 1.8, -1.8, 2.8, -2.8, 1.4, -1.4, 1, -1].map((k) => [mean + k * std, Math.sign(k) * way]));
    const top = ({ mean, std }) => plot.around(mean, normal(0, 0, std), [0, 8]);
    const half = state.separation / 2, other = narrow.mean > 0 ? -1 : 1;
    plot.name([
      [names.reverse, "reverse", [...top(narrow), ...slopes(narrow, 32)]],
      [names.p, "p", beside((x) => Math.exp(logTarget(x)),
        [[other * half, 0], [other * (half + 0.9), 10 * other], [-other * (half + 0.9), -10 * other],
          [other * (half + 1.4), 10 * other], [-other * (half + 1.4), -10 * other]])],
      [names.forward, "forward", [...slopes(wide, 30), ...top(wide)]],
    ]);
    const shown = (value) => [value, format(value, 3)];
    const nats = (value) => [value, `${positive(value, 3)} nats`];
    readout.show({
      forward_mean: shown(wide.mean), forward_std: shown(wide.std), forward_kl: nats(wide.kl),
      reverse_mean: shown(narrow.mean), reverse_std: shown(narrow.std),
      reverse_kl: nats(narrow.kl),
    }, sentence(fits, density));
  }

  function sentence({ forward: wide, reverse: narrow }, density) {
    const [left, right] = [-state.separation / 2, state.separation / 2];
    const [at, there] = [format(wide.mean, 2), format(narrow.mean, 2)];
    if (density.filter((y, i) => y > density[i - 1] && y >= density[i + 1]).length < 2) {
      return `p has a single top; the forward fit is centred at ${at}, the reverse fit at ${there}.`;
    }
    const share = (narrow.mean - left) / state.separation; // of the way from left to right
    const where = share < 0.15 ? "sits on the left peak" : share > 0.85 ? "sits on the right peak"
      : `is between them too, at ${there}`;
    return `The forward fit is centred at ${at}, between the peaks at ${format(left, 2)} and ` +
      `${format(right, 2)}; the reverse fit ${where}.`;
  }
  draw();
};
