/* Says while a colour is written whether white text can be read on it, by the same rule as web/accent.py. The server checks it again. */
"use strict";

const colour = document.getElementById("accent");
const swatch = document.getElementById("swatch");

function luminance(parts) {
  const [red, green, blue] = parts.map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function judge() {
  const written = colour.value.trim();
  swatch.hidden = !/^#[0-9a-f]{6}$/i.test(written);
  if (swatch.hidden) return;
  const parts = [1, 3, 5].map((at) => parseInt(written.slice(at, at + 2), 16));
  const ratio = 1.05 / (luminance(parts) + 0.05);
  const fits = ratio >= Number(colour.dataset.limit);
  swatch.textContent = (fits ? swatch.dataset.fits : swatch.dataset.pale).replace("{ratio}", (Math.floor(ratio * 10) / 10).toFixed(1));
  swatch.classList.toggle("pale", !fits);
  swatch.style.setProperty("--shown", written);
}

if (colour && swatch) {
  colour.addEventListener("input", judge);
  judge();
}
