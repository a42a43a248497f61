/* Keeps the answers and the ticks of a moving plan in the fragment, which no browser sends to a server: so the plan can be
   saved and passed on. The plan itself is the page that the server answers with; nothing is built here from text. */
"use strict";

(() => {
  const room = document.getElementById("planning");
  const status = document.getElementById("plan-status");
  const others = document.querySelectorAll("a.switch");
  const SINGLE = ["origin", "citizenship", "home", "date"];
  const SEVERAL = ["children", "work", "also"];
  let kept = ""; // the fragment of the plan that is shown
  let asked = 0;

  room.addEventListener("submit", (event) => {
    if (event.target.id !== "answers") return;
    event.preventDefault();
    make(said(new FormData(event.target)), ticked(), true);
  });
  room.addEventListener("change", (event) => {
    if (event.target.matches("[data-task]")) keep(current(), ticked());
  });
  addEventListener("hashchange", arrive);
  arrive();

  /* What a fragment holds. One that leads to a part of the page is none of ours: the plan stays in the address. */
  function arrive() {
    const fragment = location.hash.slice(1);
    if (fragment === kept) return;
    if (!fragment || document.getElementById(fragment)) {
      document.getElementById(fragment)?.focus();
      if (kept) history.replaceState(null, "", `#${kept}`);
      return;
    }
    const given = read(fragment);
    if (given) make(given.answers, given.done, false);
    else start();
  }

  function read(fragment) {
    const given = new URLSearchParams(fragment);
    const names = [...given.keys()];
    if (given.get("v") !== room.dataset.version || new Set(names).size < names.length) return null;
    const answers = names.filter((name) => name !== "v" && name !== "done").flatMap((name) => {
      if (SINGLE.includes(name)) return [[name, given.get(name)]];
      return SEVERAL.includes(name) ? given.get(name).split(",").map((value) => [name, value]) : [null];
    });
    if (!answers.every((one) => one && isKnown(...one))) return null;
    return { answers, done: (given.get("done") || "").split(",").filter(Boolean) };
  }

  function isKnown(name, value) {
    if (name === "date") return /^\d{4}-\d\d-\d\d$/.test(value);
    return [...document.forms.answers.elements].some((field) => field.name === name && field.value === value);
  }

  function written(answers, done) {
    const all = new URLSearchParams({ v: room.dataset.version });
    for (const name of SINGLE) for (const [, value] of answers.filter((one) => one[0] === name && one[1])) all.set(name, value);
    for (const name of SEVERAL) {
      const values = answers.filter((one) => one[0] === name).map((one) => one[1]);
      if (values.length) all.set(name, values.join(","));
    }
    if (done.length) all.set("done", done.join(","));
    return all.toString().replaceAll("%2C", ",");
  }

  function said(form) {
    return [...form.entries()].filter(([, value]) => value);
  }

  function current() {
    return read(kept)?.answers || [];
  }

  function ticked() {
    return [...room.querySelectorAll("[data-task]:checked")].map((box) => box.value);
  }

  /* Another version, or a damaged link: said so, with the questions as they stand at the beginning. */
  function start() {
    kept = "";
    history.replaceState(null, "", location.pathname);
    document.forms.answers.reset();
    document.getElementById("plan").replaceChildren();
    tell(room.dataset.foreign, false);
    follow();
  }

  /* The page itself is asked by POST, and the parts that changed are taken over from its answer. */
  function make(answers, done, isWanted) {
    const mine = ++asked;
    const request = new XMLHttpRequest(); // parses the page without any HTML passing through a string of ours
    request.open("POST", location.pathname);
    request.responseType = "document";
    request.onload = () => {
      if (mine !== asked) return;
      if (!request.response || ![200, 422].includes(request.status)) return tell(room.dataset.failed, false);
      take(request.response, request.status === 200, answers, done, isWanted);
    };
    request.onerror = () => mine === asked && tell(room.dataset.failed, false);
    request.send(new URLSearchParams(answers));
  }

  function take(page, isMade, answers, done, isWanted) {
    for (const id of ["questions", "plan"]) document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));
    document.title = page.title;
    if (!isMade) {
      tell("", true);
      document.getElementById("faults").focus();
      return;
    }
    for (const box of room.querySelectorAll("[data-task]")) box.checked = done.includes(box.value);
    furnish();
    keep(answers, ticked());
    tell(room.dataset.made, true);
    if (isWanted) document.getElementById("plan-heading").focus();
  }

  function keep(answers, done) {
    kept = written(answers, done);
    history.replaceState(null, "", `#${kept}`);
    const boxes = room.querySelectorAll("[data-task]");
    const tally = document.getElementById("tally");
    tally.dataset.words ||= tally.textContent;
    tally.textContent = tally.dataset.words.replace("{done}", String(done.length));
    tally.hidden = !boxes.length;
    follow();
  }

  /* The other language begins with the same answers. */
  function follow() {
    for (const other of others) other.href = other.href.split("#")[0] + (kept && `#${kept}`);
  }

  function furnish() {
    document.getElementById("not-kept").remove();
    const tools = room.querySelector(".plan-tools");
    const copy = () => navigator.clipboard.writeText(location.href).then(() => tell(room.dataset.copied, false), () => tell(room.dataset.notCopied, false));
    if (navigator.clipboard) tools.append(press(room.dataset.copy, copy));
    tools.append(press(room.dataset.print, () => window.print()));
  }

  function press(text, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small-button";
    button.textContent = text;
    button.addEventListener("click", act);
    return button;
  }

  function tell(text, isQuiet) {
    status.classList.toggle("quiet", isQuiet);
    status.textContent = text;
  }

  /* On paper everything is open. */
  addEventListener("beforeprint", () => { for (const one of room.querySelectorAll(".more")) one.open = true; });
  addEventListener("afterprint", () => { for (const one of room.querySelectorAll(".more")) one.open = false; });
})();
