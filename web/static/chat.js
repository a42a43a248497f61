/* The page's own part: asks without leaving it. It stores nothing and calls no one else; talk.js builds what is shown. */
"use strict";

(() => {
  const ICONS = "http://www.w3.org/2000/svg";

  const log = document.getElementById("log");
  const form = document.getElementById("composer");
  const box = form.elements.question;
  const status = document.getElementById("status");
  const list = form.querySelector("[role=listbox]");
  let settings = readSettings();
  let path = location.pathname;
  let turns = []; // as they were asked and answered here

  const talk = hemvistTalk({
    api: settings.api,
    base: "",
    municipality: () => settings.municipality,
    language: () => document.documentElement.lang,
    texts: () => settings.texts,
    words: (language) => settings.words[language],
    switchboard: () => settings.switchboard,
    copy: () => settings.copy,
    icon,
  });
  const take = talk.taking({ status: () => status, log: () => log, add });
  const flag = talk.flagging({ box, row: form.querySelector(".row") });
  const suggestions = talk.suggesting({ box, list, choose: (option) => open(option.entry, option.title, document.documentElement.lang, true) });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = box.value.trim();
    suggestions.close();
    if (question && flag.holds(question, () => send(question))) return;
    if (question) send(question);
    box.focus();
  });

  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-entry], [data-switch]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.dataset.entry) {
      event.preventDefault();
      open(link.dataset.entry, link.textContent.trim(), link.closest("[lang]").lang);
    } else if (log.childElementCount) {
      event.preventDefault();
      changeLanguage(link.dataset.switch, () => history.pushState(null, "", link.dataset.switch));
    }
  });

  addEventListener("popstate", () => {
    if (location.pathname !== path) changeLanguage(location.href, () => {});
  });

  function send(question) {
    const before = form.elements.context.value || null;
    take(question, () => talk.ask(question, null, before), (reply) => showTyped({ question, reply, before }));
  }

  /* showing */

  function open(entry, title, language, isTyped = false) {
    const before = form.elements.context.value || null;
    const show = (reply) => (isTyped ? showTyped : showTurn)({ question: title, reply, before, isOpened: true });
    take(entry, () => talk.entry(entry, language), show);
  }

  function showTyped(turn) {
    if (turn.isOpened || box.value.trim() === turn.question) box.value = "";
    box.removeAttribute("aria-invalid");
    document.getElementById("mistake")?.remove();
    showTurn(turn);
  }

  function showTurn(turn) {
    form.elements.context.value = turn.reply.context;
    turn.node = talk.turn(turn.question, turn.reply);
    turns.push(turn);
    add(turn.node);
    showTools();
  }

  function showTools() {
    document.querySelector(".tools")?.remove();
    if (turns.length) status.before(talk.tools({ turns: () => turns, print: () => window.print(), say, forgotten }));
  }

  function say(text) {
    status.textContent = text;
  }

  function forgotten() {
    turns = [];
    log.replaceChildren();
    form.elements.context.value = "";
    showTools();
    box.focus();
  }

  async function translate() {
    const language = document.documentElement.lang;
    await Promise.all(turns.map(async (turn) => {
      const said = await talk.inLanguage(turn, language);
      if (said === turn || !turns.includes(turn) || document.documentElement.lang !== language) return;
      const node = talk.turn(said.question, said.reply);
      turn.node.replaceWith(node);
      Object.assign(turn, said, { node });
    }));
    if (turns.length) form.elements.context.value = turns.at(-1).reply.context;
  }

  function add(node) {
    log.append(node);
    node.scrollIntoView();
  }

  function icon(name) {
    const node = document.createElementNS(ICONS, "svg");
    const use = document.createElementNS(ICONS, "use");
    node.setAttribute("class", "icon");
    node.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `${settings.icons}#${name}`);
    node.append(use);
    return node;
  }

  /* the page in the other language, the conversation kept */

  function readSettings() {
    return JSON.parse(document.getElementById("settings").textContent);
  }

  function changeLanguage(address, done) {
    flag.clear();
    const request = new XMLHttpRequest(); // parses the page without any HTML passing through a string of ours
    request.open("GET", address);
    request.responseType = "document";
    request.onload = () => {
      if (request.status !== 200 || !request.response) return location.assign(address);
      done();
      exchange(request.response);
    };
    request.onerror = () => location.assign(address);
    request.send();
  }

  function exchange(page) {
    document.documentElement.lang = page.documentElement.lang;
    document.title = page.title;
    for (const part of document.querySelectorAll("[data-part]")) {
      const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
      if (fresh) part.replaceWith(document.adoptNode(fresh));
    }
    log.setAttribute("aria-label", page.getElementById("log").getAttribute("aria-label"));
    form.setAttribute("action", page.getElementById("composer").getAttribute("action"));
    settings = readSettings();
    path = location.pathname;
    suggestions.renew();
    showTools();
    translate();
    document.querySelector("[data-switch]").focus();
  }
})();
