/* Numbers of 16 bits, as the data scripts hold them in base 64. */
"use strict";
(() => {
  const kldiv = (window.kldiv ??= { explorers: {}, data: {} });

  kldiv.halfFloats = (text) => {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const halves = new Uint16Array(bytes.buffer), values = new Float32Array(halves.length);
    for (let i = 0; i < halves.length; i++) {
      const sign = halves[i] & 0x8000 ? -1 : 1, exponent = (halves[i] >> 10) & 31, rest = halves[i] & 1023;
      values[i] = sign * (exponent ? 2 ** (exponent - 15) * (1 + rest / 1024) : 2 ** -24 * rest);
    }
    return values;
  };
})();
