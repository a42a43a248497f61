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
    icon,
  });
  const take = talk.taking({ status: () => status, log: () => log, add });
  const suggestions = talk.suggesting({ box, list, choose: (option) => open(option.entry, option.title, document.documentElement.lang, true) });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = box.value.trim();
    suggestions.close();
    if (question && holdsPersonalData(question)) return warn(question);
    if (question) send(question);
    box.focus();
  });

  box.addEventListener("input", () => warning()?.remove());

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
    warning()?.remove();
    take(question, () => talk.ask(question, null, before), (reply) => showTyped({ question, reply, before }));
  }

  /* personal data: flagged before it is sent, with the last word left to who writes. The focus goes to the first
     button, so that a screen reader says the words without an alert. */

  function warning() {
    return document.getElementById("personal");
  }

  function warn(question) {
    warning()?.remove();
    const { texts } = settings;
    const change = button(texts.change, () => { warning().remove(); box.focus(); });
    const anyway = button(texts.anyway, () => { send(question); box.focus(); });
    change.setAttribute("aria-describedby", "personal-words");
    const group = talk.make("div", { id: "personal", class: "personal", role: "group", "aria-labelledby": "personal-words" },
      talk.make("p", { id: "personal-words" }, texts.personal), talk.make("div", { class: "answers" }, change, anyway));
    group.addEventListener("keydown", (event) => { if (event.key === "Escape") change.click(); });
    form.querySelector(".row").after(group);
    group.scrollIntoView({ block: "nearest" });
    change.focus();
  }

  function button(text, act) {
    const node = talk.make("button", { type: "button", class: "button" }, text);
    node.addEventListener("click", act);
    return node;
  }

  // Whether `text` seems to hold an identity number, a phone number or an e-mail address. The server looks closer.
  function holdsPersonalData(text) {
    const plain = text.normalize("NFKC").replace(/[\u00ad\u200b-\u200f\u2060\ufeff]/g, "");
    if (/[^\s@]\s?[([{<]\s?(?:@|at|snabel-?\s?a)\s?[)\]}>]\s?[^\s@]|[^\s@]\ssnabel-?a\s[^\s@]|[^\s@]@[^\s@]{2}|[^\s@] @ [^\s@]/i.test(plain)) return true;
    const dash = "\\-\u2010-\u2015\u2212";
    const gap = `[\\s${dash}+/.·()]{0,3}`;
    const clock = "(?:(?:[01]?\\d|2[0-4])[.:][0-5]\\d|(?:[01]\\d|2[0-4])[0-5]\\d)";
    const harmless = [
      `(^|\\D)${clock}\\s?[${dash}]\\s?${clock}(?!\\s?\\d)`, // opening hours, then days, then amounts
      `(^|\\D)[0-2]\\d[${dash}][0-2]\\d[\\s,]{1,2}[0-2]\\d[${dash}][0-2]\\d(?!\\d)`,
      `(^|\\D)(?:19|20)\\d\\d[${dash}][01]\\d[${dash}][0-3]\\d(?!\\d|[\\s${dash}+/]{1,3}\\d{4}(?![\\d${dash}]))`,
      `(^|\\D)\\d\\d?[${dash}./]\\d\\d?[${dash}./](?:19|20)\\d\\d(?!\\d)`,
      `(^|\\D)(?:19|20)\\d\\d/\\d{3,6}(?!\\d)`, // case numbers
      `(^|[^\\d.])[1-9]\\d{0,2}(?:[\\s.]\\d{3}){1,4}(?![\\d${dash}]|[\\s.]\\d)`,
    ];
    const numbers = harmless.reduce((left, kind) => left.replace(new RegExp(kind, "g"), "$1 | "), plain);
    const year = `(?:(?:1\\s?[89]|2\\s?0)${gap})?\\d${gap}\\d`;
    const day = `${gap}(?:0${gap}[1-9]|1${gap}[0-2])${gap}(?:0${gap}[1-9]|[12678]${gap}\\d|[39]${gap}[01])`;
    const four = `(?:\\d${gap}\\d${gap}\\d${gap}\\d|[ptrsuwxjklmn]\\d{3}|\\d{3}[x*]|\\d\\d[x*]{2})`;
    const person = new RegExp(`(?:^|\\D)${year}${day}${gap}${four}(?![\\d*])`, "i");
    const phones = new RegExp(`(?:^|[^\\d.,])((?:\\+|00|46(?=7))${gap}[1-9](?:${gap}\\d){7,13}|0${gap}[1-9](?:${gap}\\d){6,9})(?!\\d)`, "g");
    const lines = [...numbers.matchAll(phones)].map((found) => found[1].replace(/\D/g, ""));
    return person.test(numbers) || lines.some((line) => !/^0(?:20|77)/.test(line)); // 020 and 077 are nobody's own
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
    warning()?.remove();
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
