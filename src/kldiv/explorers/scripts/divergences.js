/* The formulas of the Python package, as the page computes them. Nats, as there. */
"use strict";
(() => {
  const kldiv = (window.kldiv ??= { explorers: {}, data: {} });
  const sum = (values) => values.reduce((total, value) => total + value, 0);

  /* p log(p/q) − p + q: never negative, and its digits survive where p and q nearly agree. */
  function klTerm(p, q) {
    if (p === 0) return q;
    if (q === 0) return Infinity;
    const x = Math.log(q) - Math.log(p); // the ratio itself may overflow
    return Math.abs(x) > 0.5 ? q - p - p * x : p * expRemainder(x);
  }

  /* eˣ − 1 − x. Near 0, where that would cancel, its series. */
  function expRemainder(x) {
    if (Math.abs(x) > 0.5) return Math.expm1(x) - x;
    let term = x * x / 2, total = 0;
    for (let n = 3; Math.abs(term) > 1e-18 * Math.abs(total); n++) {
      total += term;
      term *= x / n;
    }
    return total;
  }

  const klDivergence = (p, q) => sum(p.map((value, i) => klTerm(value, q[i])));
  const entropy = (p) => -sum(p.map((value) => (value === 0 ? 0 : value * Math.log(value))));
  const crossEntropy = (p, q) => -sum(p.map((value, i) => (value === 0 ? 0 : value * Math.log(q[i]))));

  /* KL(N(m, s²)‖N(n, t²)). */
  function klNormal(m, s, n, t) {
    return ((m - n) / t) ** 2 / 2 + expRemainder(2 * Math.log(s / t)) / 2;
  }

  const normalLog = (x, m, s) => -(((x - m) / s) ** 2) / 2 - Math.log(s) - Math.log(2 * Math.PI) / 2;
  const normal = (x, m, s) => Math.exp(normalLog(x, m, s));

  /* An integral over the line by the trapezoidal rule, whose error for smooth integrands that
     vanish at both ends falls faster than any power of the step. */
  function integrate(integrand, low, high, step) {
    const n = Math.ceil((high - low) / step), width = (high - low) / n;
    let total = 0;
    for (let i = 0; i <= n; i++) total += integrand(low + i * width);
    return total * width;
  }

  /* Jensen–Shannon of two normal distributions, for which there is no closed form. */
  function jsNormal(m, s, n, t) {
    const low = Math.min(m - 10 * s, n - 10 * t), high = Math.max(m + 10 * s, n + 10 * t);
    return integrate((x) => {
      const p = normal(x, m, s), q = normal(x, n, t), middle = (p + q) / 2;
      return (klTerm(p, middle) + klTerm(q, middle)) / 2;
    }, low, high, Math.min(s, t) / 12);
  }

  Object.assign(kldiv, {
    sum, klTerm, expRemainder, klDivergence, entropy, crossEntropy, klNormal, normalLog, normal,
    integrate, jsNormal,
  });
})();
