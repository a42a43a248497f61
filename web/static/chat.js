/* The page's own part: asks without leaving it. It stores nothing and calls no one else; talk.js builds what is shown. */
"use strict";

(() => {
  const ICONS = "http://www.w3.org/2000/svg";

  const log = document.getElementById("log");
  const form = document.getElementById("composer");
  const box = form.elements.question;
  const status = document.getElementById("status");
  let settings = readSettings();
  let path = location.pathname;

  const talk = hemvistTalk({
    api: settings.api,
    base: "",
    municipality: () => settings.municipality,
    language: () => document.documentElement.lang,
    texts: () => settings.texts,
    words: (language) => settings.words[language],
    switchboard: () => settings.switchboard,
    icon,
  });
  const take = talk.taking({ status: () => status, log: () => log, add });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = box.value.trim();
    const context = form.elements.context;
    if (question) take(question, () => talk.ask(question, null, context.value || null), (reply) => showTyped(question, reply));
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
      const { lang } = link.closest("[lang]");
      take(link.href, () => talk.entry(link.dataset.entry, lang), (reply) => showTurn(link.textContent.trim(), reply));
    } else if (log.childElementCount) {
      event.preventDefault();
      changeLanguage(link.dataset.switch, () => history.pushState(null, "", link.dataset.switch));
    }
  });

  addEventListener("popstate", () => {
    if (location.pathname !== path) changeLanguage(location.href, () => {});
  });

  /* showing */

  function showTyped(question, reply) {
    if (box.value.trim() === question) box.value = "";
    box.removeAttribute("aria-invalid");
    document.getElementById("mistake")?.remove();
    showTurn(question, reply);
  }

  function showTurn(question, reply) {
    if (reply.context) form.elements.context.value = reply.context;
    add(talk.turn(question, reply));
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
    document.querySelector("[data-switch]").focus();
  }
})();
