/* The search of a static copy. It runs here alone: words.js holds every word there is, and nothing is asked or sent.
   Without it the list below the search is the whole of it. */
"use strict";

(() => {
  const EXACT = 1;
  const BEGINNING = 0.8; // tomt in tomter
  const INSIDE = 0.5; // tomt in villatomt
  const MISSPELT = 0.45;
  const ABOUT = 4; // a word that an answer is about tells more than one of a question, and that more than one of its text
  const RARE = 0.5; // what the last of the words that an answer is about is worth of the first, which comes most often
  const ASKED = 1.5;
  const SAID = 0.7;
  const OFTEN = 0.03; // for each word of the questions that begins so
  const RECORD = 0.9; // an answer about schools comes before each school
  const SHORTEST_INSIDE = 4; // letters
  const STEM = 4; // letters; both as in web/export/words.py
  const ENDING = 3;
  const SHORTEST_MISSPELT = 4;
  const LONG = 8; // letters from which on two may be wrong
  const COVERED = 0.6; // what share of the search must be met
  const MOST = 20;
  const FOLDS = { å: "a", ä: "a", ö: "o", æ: "a", ø: "o", ß: "s" };

  const form = document.getElementById("finder");
  const box = document.getElementById("q");
  const told = document.getElementById("told");
  const list = document.getElementById("results");
  const second = HEMVIST_WORDS.languages.indexOf(document.documentElement.lang);
  const frames = new Set(HEMVIST_WORDS.frames.split(" "));
  const rows = HEMVIST_WORDS.found.map(([file, titles, starts, about, asked, said, danger = []]) => ({
    file, worth: file.includes("#") ? RECORD : 1, title: titles[second], start: starts[second], danger: danger.map((words) => ` ${words} `),
    named: split(titles[second]).filter((word) => !frames.has(word)), about: about.split(" "), asked: asked.split(" "), said: said.split(" "),
  }));
  let timer = 0;

  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    show();
  });
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 200);
  });
  addEventListener("pageshow", () => { if (box.value) show(); });

  function show() {
    const wanted = box.value.trim();
    const found = find(wanted);
    told.hidden = !wanted;
    list.hidden = !found.length;
    told.textContent = wanted && sentence(found.length).replace("%n", found.length).replace("%s", () => wanted);
    list.replaceChildren(...found.map(item));
  }

  function sentence(count) {
    const { none, one, many } = form.dataset;
    return count > 1 ? many : count ? one : none;
  }

  function item({ file, title, start }) {
    const link = make("a", title);
    link.href = file;
    const heading = make("h3");
    heading.append(link);
    const whole = make("li");
    whole.append(heading, make("p", start));
    return whole;
  }

  function make(name, text = "") {
    const node = document.createElement(name);
    node.textContent = text;
    return node;
  }

  /* finding */

  function find(text) {
    const all = split(text);
    const wanted = [...new Set(all)].filter((word) => !frames.has(word)).map(weighed);
    return rows.map((row, at) => ({ ...row, ...judged(row, at, wanted, ` ${all.join(" ")} `) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => (a.score < b.score) - (a.score > b.score))
      .slice(0, MOST);
  }

  /* Who writes what people in danger write sees that first; who only uses one of their words does not. */
  function judged({ danger }, at, wanted, text) {
    if (danger.some((words) => text.includes(words))) return { score: Infinity };
    const covered = wanted.filter(({ met }) => met[at]).length;
    if (covered < (danger.length ? 1 : COVERED) * wanted.length) return { score: 0 };
    return { score: wanted.reduce((sum, { weight, met }) => sum + met[at] * weight, 0) };
  }

  /* How well each row meets a word; one that few hold tells the most. */
  function weighed(word) {
    const met = rows.map((row) => row.worth * (often(word, row.asked)
      + Math.max(ABOUT * best(word, row.named), subject(word, row.about), ASKED * best(word, row.asked), SAID * best(word, row.said))));
    return { met, weight: Math.log((rows.length + 1) / (met.filter(Boolean).length + 1)) + 0.1 };
  }

  function often(word, asked) {
    return word.length > 2 ? OFTEN * asked.filter((known) => known.startsWith(word)).length : 0;
  }

  function subject(word, about) {
    return Math.max(...about.map((known, at) => ABOUT * likeness(word, known) * (1 - RARE * at / about.length)));
  }

  function best(word, words) {
    return Math.max(...words.map((known) => likeness(word, known)));
  }

  function likeness(word, known) {
    if (word === known) return EXACT;
    if (word.length > 2 && known.startsWith(word)) return BEGINNING;
    if (word.length >= SHORTEST_INSIDE && known.includes(word)) return INSIDE;
    if (known.length >= STEM && word.startsWith(known) && word.length - known.length <= ENDING) return BEGINNING;
    return isMisspelt(word, known) ? MISSPELT : 0;
  }

  function isMisspelt(word, known) {
    if (word.length < SHORTEST_MISSPELT || known.length < SHORTEST_MISSPELT) return false;
    const most = word.length >= LONG ? 2 : 1;
    return Math.abs(word.length - known.length) <= most && distance(word, known) <= most;
  }

  /* How many letters are wrong, missing, too many, or two in the wrong order. */
  function distance(one, other) {
    let before = [];
    let last = Array.from({ length: other.length + 1 }, (_, at) => at);
    for (let row = 1; row <= one.length; row++) {
      const now = [row];
      for (let at = 1; at <= other.length; at++) {
        const same = one[row - 1] === other[at - 1];
        now[at] = Math.min(last[at] + 1, now[at - 1] + 1, last[at - 1] + (same ? 0 : 1));
        const isSwapped = row > 1 && at > 1 && one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1];
        if (isSwapped) now[at] = Math.min(now[at], before[at - 2] + 1);
      }
      [before, last] = [last, now];
    }
    return last[other.length];
  }

  function split(text) {
    const plain = text.normalize("NFC").toLowerCase().replace(/[åäöæøß]/g, (sign) => FOLDS[sign]).normalize("NFD").replace(/\p{M}/gu, "");
    return plain.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  }
})();
