/* Draws the list as a map, when asked to. All that it shows is built node by node from text; it stores nothing, and calls no
   one else but the maker of the map's pictures, where the operator has chosen one. */
"use strict";

(() => {
  const HTML_OF_LEAFLET = ["<svg/>", ""]; // all that it writes by itself here: it asks whether it can draw SVG
  const APART = 44; // px between pins; records that lie nearer share one
  const TOLD = 30; // records that one pin tells of
  const NAMED = 3; // records that the name of a shared pin holds
  const CLOSEST = 15; // zoom of the first look
  const SAFE = /^https?:\/\//i;
  const SVG = "http://www.w3.org/2000/svg";

  const settings = JSON.parse(document.getElementById("map-settings").textContent);
  const { texts } = settings;
  const section = document.getElementById("map");
  const canvas = document.getElementById("canvas");
  const status = document.getElementById("map-status");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const opener = make("button", { type: "button", class: "button", "aria-expanded": "false", "aria-controls": "map" },
    icon("map"), make("span", {}, texts.show));
  let map = null;
  let pins = null;
  let told = null; // the pin whose popup is open
  let records = []; // those that lie somewhere
  let villages = [];

  trustLeaflet();
  document.getElementById("map-opener").append(opener);
  opener.addEventListener("click", () => (section.hidden ? open() : close()));

  /* opening and closing */

  async function open() {
    if (opener.getAttribute("aria-busy")) return;
    opener.setAttribute("aria-busy", "true");
    status.textContent = map ? "" : texts.loading;
    try {
      if (!map) await load();
      show();
      status.textContent = "";
    } catch (error) {
      close();
      status.textContent = texts.failed;
    }
    opener.removeAttribute("aria-busy");
  }

  function show() {
    section.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    opener.lastChild.textContent = texts.hide;
    if (map) map.invalidateSize({ animate: false });
    else draw();
    section.scrollIntoView({ block: "nearest" });
  }

  function close() {
    section.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    opener.lastChild.textContent = texts.show;
  }

  async function load() {
    const [answer, places] = await Promise.all([get(settings.records), get(settings.villages), sheet(), script()]);
    villages = places.places.filter((place) => place.position);
    const listed = (answer.features || answer.jobs || answer.places).map(read);
    records = listed.map((record, index) => ({ ...record, index })).filter((record) => record.where);
    say(records.length, listed.length, answer.total);
  }

  async function get(address) {
    const response = await fetch(address, { credentials: "omit" });
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  }

  function sheet() {
    const node = make("link", { rel: "stylesheet", href: settings.leaflet.css });
    return arrived(node, () => document.head.prepend(node)); // first, so that ours come after it
  }

  function script() {
    const node = document.createElement("script");
    node.src = settings.leaflet.js;
    return arrived(node, () => document.head.append(node));
  }

  function arrived(node, add) {
    return new Promise((done, failed) => {
      node.addEventListener("load", done);
      node.addEventListener("error", failed);
      add();
    });
  }

  function trustLeaflet() {
    if (!window.trustedTypes) return;
    window.trustedTypes.createPolicy("default", { // no text becomes HTML or the address of a script, but for these
      createHTML: (text) => (HTML_OF_LEAFLET.includes(text) ? text : null),
      createScriptURL: (address) => (address === settings.leaflet.js ? address : null),
    });
  }

  function say(drawn, listed, total) {
    const some = drawn < listed && fill(texts.drawn, { drawn, total: listed });
    const cut = listed < total && fill(texts.cut, { drawn: listed, total });
    document.getElementById("map-told").textContent = [some, cut].filter(Boolean).join(" ");
  }

  /* reading: what a pin tells of each record */

  function read(record) {
    return settings.table === "plots" ? plot(record) : settings.table === "jobs" ? job(record) : place(record);
  }

  function plot({ geometry, properties }) {
    const { id, url, example, status: state } = properties;
    const ring = geometry && geometry.type === "Polygon" ? geometry.coordinates[0].map(turned) : null;
    const size = properties.area_m2 === null ? texts.noArea : settings.area.replace("#", number(properties.area_m2));
    const price = properties.price_kr === null ? texts.noPrice : settings.money.replace("#", number(properties.price_kr));
    const where = ring ? middle(ring) : geometry && turned(geometry.coordinates);
    return { id, url, example, state, ring, where, title: plotTitle(properties), word: texts.statuses[state], lines: [`${size}, ${price}`] };
  }

  function plotTitle({ id, designation, place: village }) {
    if (designation) return village ? `${designation}, ${village}` : designation;
    return village ? fill(texts.plotIn, { place: village }) : fill(texts.plot, { id });
  }

  function job({ id, title, employer, place: name, extent, example }) {
    const village = villages.find((one) => [one.name.sv, one.name.en].some((known) => known && name && same(known, name)));
    const lines = [name ? `${employer}, ${name}` : employer];
    return { id, example, where: village && village.position, title: best(title), word: extent && texts.extents[extent], lines };
  }

  function place({ id, name, kind, address, position, url, example }) {
    return { id, url, example, where: position, title: best(name), word: texts.kinds[kind], lines: address ? [address] : [] };
  }

  function same(one, other) {
    return one.localeCompare(other, "sv", { sensitivity: "accent" }) === 0;
  }

  function best(text) {
    return text[settings.language] || text.sv || text.en || "";
  }

  function turned([longitude, latitude]) {
    return [latitude, longitude];
  }

  function middle(ring) {
    const corners = ring.slice(0, -1);
    return [0, 1].map((axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length);
  }

  function number(value) {
    return new Intl.NumberFormat(settings.locale, { maximumFractionDigits: 0 }).format(value);
  }

  function fill(text, values) {
    return text.replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);
  }

  /* drawing */

  function draw() {
    map = L.map(canvas, {
      attributionControl: false, zoomControl: false, scrollWheelZoom: false, minZoom: 4, maxZoom: 18, zoomSnap: settings.tiles ? 1 : 0.25,
      zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, inertia: !still,
    });
    if (still) map.panBy = (offset, options) => L.Map.prototype.panBy.call(map, offset, { ...options, animate: false });
    if (settings.tiles) L.tileLayer(settings.tiles, { maxZoom: 18 }).addTo(map);
    villages.forEach(nameVillage);
    records.filter((record) => record.ring).forEach((record) => ring(record.ring, record.state));
    const corners = records.flatMap((record) => record.ring || [record.where]);
    map.fitBounds(L.latLngBounds(corners), { padding: [50, 50], maxZoom: CLOSEST, animate: false });
    pins = L.layerGroup().addTo(map);
    placePins();
    map.on("zoomend", placePins);
    map.on("popupclose", () => { told = null; });
    section.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && told) closePopup();
    });
    scale();
    zoomButtons();
  }

  function nameVillage(village) {
    if (village.outline.length) ring(village.outline, "village");
    const html = make("span", { class: "village" }, best(village.name));
    const shown = L.divIcon({ html, className: "", iconSize: [0, 0] });
    L.marker(village.position, { icon: shown, interactive: false, keyboard: false, zIndexOffset: -1000 }).addTo(map);
  }

  function ring(corners, kind) {
    L.polygon(corners, { className: `ring ${kind}`, interactive: false }).addTo(map);
  }

  function placePins() {
    const had = document.activeElement && document.activeElement.dataset.record;
    pins.clearLayers();
    for (const group of gathered()) pin(group);
    if (had) canvas.querySelector(`[data-record="${CSS.escape(had)}"]`)?.focus();
  }

  /** Put records that would cover each other at this zoom together. */
  function gathered() {
    const groups = [];
    for (const record of records) {
      const point = map.project(record.where);
      const near = groups.find((group) => group.point.distanceTo(point) < APART);
      if (near) near.records.push(record);
      else groups.push({ point, where: record.where, records: [record] });
    }
    return groups;
  }

  function pin(group) {
    const [first] = group.records;
    const many = group.records.length > 1;
    const state = many ? "group" : first.state || "plain";
    const html = make("span", { class: `pin ${state}` }, many ? String(group.records.length) : icon(first.state ? `status-${first.state}` : settings.table === "jobs" ? "jobs" : "place"));
    const marker = L.marker(group.where, { icon: L.divIcon({ html, className: "", iconSize: [40, 40], popupAnchor: [0, -14] }) });
    marker.bindPopup(() => popup(group, marker), {
      closeButton: false, minWidth: 180, maxWidth: Math.min(300, canvas.clientWidth - 70), maxHeight: Math.max(canvas.clientHeight - 100, 120),
      autoPanPadding: [12, 12],
    });
    marker.addTo(pins);
    const element = marker.getElement();
    element.dataset.record = first.id;
    element.setAttribute("aria-label", label(group));
    element.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      marker.openPopup();
    });
    marker.on("popupopen", (event) => {
      told = marker;
      event.popup.getElement().querySelector(".told").focus({ preventScroll: true });
    });
  }

  function label({ records: [first, ...others] }) {
    if (!others.length) return [first.title, first.word, ...first.lines].filter(Boolean).join(", ");
    const names = [...new Set([first, ...others].map((record) => record.title))];
    const rest = names.length > NAMED ? " …" : "";
    return fill(texts.group, { count: others.length + 1, names: names.slice(0, NAMED).join(", ") + rest });
  }

  function popup(group) {
    const more = group.records.length - TOLD;
    const shut = make("button", { type: "button", class: "shut" }, texts.close);
    shut.addEventListener("click", closePopup);
    return make("div", { class: "told", role: "dialog", "aria-label": label(group), tabindex: "-1" },
      ...group.records.slice(0, TOLD).map(about),
      more > 0 && make("p", {}, fill(texts.more, { count: more })),
      shut);
  }

  function about(record) {
    const page = Math.floor(record.index / settings.perPage) + 1;
    const address = page === settings.page ? "" : page === 1 ? settings.list : `${settings.list}&page=${page}`;
    return make("div", { class: "about" },
      make("p", { class: "name" }, record.title),
      (record.word || record.example) && make("p", { class: "badges" },
        record.word && make("span", { class: `badge ${record.state || ""}` }, record.state && icon(`status-${record.state}`), make("span", {}, record.word)),
        record.example && make("span", { class: "badge example" }, texts.example)),
      ...record.lines.map((line) => make("p", {}, line)),
      make("p", {}, make("a", { href: `${address}#record-${record.id}` }, texts.card)),
      record.url && SAFE.test(record.url) && make("p", {}, make("a", { href: record.url, rel: "noopener" }, new URL(record.url).hostname.replace(/^www\./, ""))));
  }

  function closePopup() {
    const back = told;
    map.closePopup();
    if (back) back.getElement()?.focus({ preventScroll: true });
  }

  /** Leaflet's own scale and buttons write HTML, and its buttons are links. */
  function scale() {
    const Scale = L.Control.Scale.extend({
      _updateScale(line, text, ratio) {
        line.style.width = `${Math.round(this.options.maxWidth * ratio)}px`;
        line.textContent = text;
      },
    });
    new Scale({ imperial: false }).addTo(map);
  }

  function zoomButtons() {
    const buttons = [["+", texts.zoomIn, 1], ["−", texts.zoomOut, -1]].map(([sign, name, step]) => {
      const button = make("button", { type: "button", "aria-label": name, title: name }, sign);
      button.addEventListener("click", () => map.setZoom(map.getZoom() + step));
      return button;
    });
    document.getElementById("map-zoom").append(...buttons);
  }

  /* nodes */

  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value) node.setAttribute(name, value);
    node.append(...children.filter(Boolean));
    return node;
  }

  function icon(name) {
    const node = document.createElementNS(SVG, "svg");
    const use = document.createElementNS(SVG, "use");
    node.setAttribute("class", "icon");
    node.setAttribute("aria-hidden", "true");
    node.setAttribute("focusable", "false");
    use.setAttribute("href", `${settings.icons}#${name}`);
    node.append(use);
    return node;
  }
})();
