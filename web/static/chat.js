/* Asks without leaving the page. All that it shows is built node by node from text; it stores nothing and calls no one else. */
"use strict";

(() => {
  const STATUS_AFTER = 300; // ms; a quicker answer needs no "looking"
  const GIVE_UP_AFTER = 15000; // ms
  const SAFE = /^(https?:\/\/|mailto:|tel:|\/(?!\/))/i;
  const ICONS = "http://www.w3.org/2000/svg";

  const log = document.getElementById("log");
  const form = document.getElementById("composer");
  const box = form.elements.question;
  const status = document.getElementById("status");
  let settings = readSettings();
  let path = location.pathname;
  let waiting = null; // what is being asked now
  let queued = []; // what was asked meanwhile

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = box.value.trim();
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
      take(link.href, () => open(link), (reply) => showTurn(link.textContent.trim(), reply));
    } else if (log.childElementCount) {
      event.preventDefault();
      changeLanguage(link.dataset.switch, () => history.pushState(null, "", link.dataset.switch));
    }
  });

  addEventListener("popstate", () => {
    if (location.pathname !== path) changeLanguage(location.href, () => {});
  });

  /* asking */

  function send(question) {
    warning()?.remove();
    take(question, () => ask(question), (reply) => showTyped(question, reply));
  }

  function ask(question) {
    const body = { question, municipality: settings.municipality, language: null, context: form.elements.context.value || null };
    return call(settings.chat, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  }

  function open(link) {
    const language = link.closest("[lang]").lang;
    const query = new URLSearchParams({ municipality: settings.municipality, language });
    return call(`${settings.entries}/${encodeURIComponent(link.dataset.entry)}?${query}`, {});
  }

  async function call(address, options) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), GIVE_UP_AFTER);
    const headers = { ...options.headers, "Accept-Language": document.documentElement.lang };
    try {
      const response = await fetch(address, { ...options, headers, credentials: "omit", signal: stop.signal });
      const content = await response.json();
      return response.ok ? content : { refused: response.status < 500 ? content.detail : settings.texts.failed };
    } finally {
      clearTimeout(timer);
    }
  }

  async function take(asked, request, show) {
    if (waiting) {
      if (asked !== waiting) queued = [asked, request, show];
      return;
    }
    waiting = asked;
    const timer = setTimeout(() => { status.textContent = settings.texts.looking; }, STATUS_AFTER);
    let reply;
    try {
      reply = await request();
    } catch (error) {
      reply = { refused: navigator.onLine ? settings.texts.failed : settings.texts.offline };
    }
    clearTimeout(timer);
    status.textContent = "";
    waiting = null;
    log.querySelector(".trouble")?.remove();
    if (reply.refused) add(trouble(reply.refused));
    else show(reply);
    if (queued.length) take(...queued.splice(0));
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
    const group = make("div", { id: "personal", class: "personal", role: "group", "aria-labelledby": "personal-words" },
      make("p", { id: "personal-words" }, texts.personal), make("div", { class: "answers" }, change, anyway));
    group.addEventListener("keydown", (event) => { if (event.key === "Escape") change.click(); });
    form.querySelector(".row").after(group);
    group.scrollIntoView({ block: "nearest" });
    change.focus();
  }

  function button(text, act) {
    const node = make("button", { type: "button", class: "button" }, text);
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

  function showTyped(question, reply) {
    if (box.value.trim() === question) box.value = "";
    box.removeAttribute("aria-invalid");
    document.getElementById("mistake")?.remove();
    showTurn(question, reply);
  }

  function showTurn(question, reply) {
    if (reply.context) form.elements.context.value = reply.context;
    const words = settings.words[reply.language];
    const asked = make("p", { class: "asked" }, make("span", { class: "who" }, words.asked), " ", make("span", { class: "said" }, question));
    add(make("div", { class: "turn", lang: reply.language }, asked, card(reply, words)));
  }

  function add(node) {
    log.append(node);
    node.scrollIntoView();
  }

  function trouble(reason) {
    const { texts, switchboard } = settings;
    const called = switchboard && switchboard.phone;
    return make("article", { class: "card trouble turn" }, make("h2", {}, texts.trouble), make("p", {}, reason, " ", texts.kept),
      called && make("p", {}, texts.call, " ", switchboard.name),
      called && way("phone", switchboard.phone_link, switchboard.phone),
      way("phone", "tel:112", texts.danger));
  }

  function card(reply, words) {
    const foreign = reply.text_language === reply.language ? null : reply.text_language;
    const isAlert = reply.kind === "safety";
    return make(isAlert ? "div" : "article", { class: `card ${reply.kind}`, lang: reply.language, role: isAlert && "alert" },
      make("p", { class: "who" }, words.answers),
      reply.title && make("h2", { lang: foreign }, reply.title),
      ...notices(reply, (code) => code !== "demonstration" && code !== "general").map((notice) => make("p", { class: `callout ${notice.code}` }, notice.text)),
      make("div", { class: "text", lang: foreign }, ...blocks(reply.text, isAlert)),
      reply.comparison && comparison(reply.comparison),
      ...understood(reply.chips, words),
      records(reply.records, words),
      reply.list_link && make("p", { class: "whole" }, whole(reply, words)),
      steps(reply.choices),
      reply.links.length && make("ul", { class: "links" }, ...reply.links.map((found) => make("li", {}, link(found.url, found.label)))),
      ...people(reply, words),
      basis(reply, words),
      reply.next.length && make("h3", { class: "small onward" }, words.next),
      steps(reply.next));
  }

  function notices(reply, wanted) {
    return reply.notices.filter((notice) => wanted(notice.code));
  }

  function steps(options) {
    if (!options.length) return null;
    return make("ul", { class: "steps" }, ...options.map((option) => {
      const target = link(option.link, icon("arrow"), make("span", {}, option.title));
      target.dataset.entry = option.entry;
      return make("li", {}, target);
    }));
  }

  function comparison({ columns, rows }) {
    const head = make("tr", {}, make("td", {}), ...columns.map((column) => make("th", { scope: "col" }, column)));
    const body = rows.map((row) => make("tr", {}, make("th", { scope: "row" }, row.label),
      ...row.cells.map((cell) => make("td", {}, cell.text, cell.source && " ", cell.source && link(cell.source, site(cell.source))))));
    const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
    return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": columns.join(", ") }, table);
  }

  function understood(chips, words) {
    if (!chips.length) return [];
    return [make("p", { class: "understood" }, words.understood), make("ul", { class: "chips" }, ...chips.map((chip) => make("li", {}, shown(chip, words))))];
  }

  function shown(chip, words) {
    if (!chip.without) return make("span", { class: "chip wish" }, chip.text);
    const node = link(chip.without, make("span", {}, chip.text), icon("remove"), make("span", { class: "unseen" }, words.remove.replace("%(filter)s", chip.text)));
    node.className = "chip";
    return node;
  }

  function records(found, words) {
    if (!found.length) return null;
    return make("ul", { class: "found" }, ...found.map((record) => make("li", { class: "record" },
      make("h3", { class: "small" }, record.title),
      (record.badge || record.example) && make("p", { class: "badges" },
        record.badge && make("span", { class: `badge ${record.status || ""}` }, record.status && icon(`status-${record.status}`), make("span", {}, record.badge)),
        record.example && make("span", { class: "badge example" }, record.example_text)),
      ...record.lines.map((line) => make("p", {}, line)),
      record.phone && make("p", {}, link(record.phone_link, record.phone)),
      record.details.length && make("details", {}, make("summary", {}, words.more), ...record.details.map((line) => make("p", {}, line))),
      record.url && make("p", {}, link(record.url, site(record.url))))));
  }

  function whole(reply, words) {
    const more = reply.total > reply.records.length ? ` (${reply.total})` : "";
    const node = link(reply.list_link, icon("map"), make("span", {}, words.whole_list, more));
    node.className = "button";
    return node;
  }

  function people(reply, words) {
    if (!reply.contacts.length) return [];
    const list = [make("h3", { class: "small" }, words.contact), make("ul", { class: "contacts" }, ...reply.contacts.map((found) => contact(found, words)))];
    if (reply.kind !== "choices") return list;
    return [make("details", { class: "nothing" }, make("summary", {}, words.none), make("p", {}, words.person), ...list)];
  }

  function contact(found, words) {
    return make("li", {}, make("p", { class: "name" }, found.name),
      found.phone && way("phone", found.phone_link, found.phone),
      found.email && way("mail", `mailto:${found.email}`, found.email),
      found.url && way("globe", found.url, site(found.url)),
      found.address && make("p", {}, found.address),
      found.note && make("p", { class: "note" }, found.note),
      found.languages.length && make("p", { class: "note" }, words.spoken, " ", found.languages.map((spoken) => spoken.name).join(", ")),
      opening(found.hours, words),
      opening(found.phone_hours, words));
  }

  function opening(hours, words) {
    if (!hours) return null;
    if (!hours.week.length && !hours.exceptions.length) return make("p", { class: "hours" }, hours.text);
    return make("details", { class: "hours" }, make("summary", {}, hours.text), times(hours.week),
      ...(hours.exceptions.length ? [make("p", {}, words.soon), times(hours.exceptions)] : []));
  }

  function times(rows) {
    return make("ul", {}, ...rows.map((row) => make("li", {}, make("span", {}, row.days), " ",
      make("span", {}, row.note ? `${row.times} (${row.note})` : row.times))));
  }

  function basis(reply, words) {
    const { checked, source } = reply;
    const remarks = notices(reply, (code) => code === "general");
    if (!checked && !source && !remarks.length && !reply.link) return null;
    return make("div", { class: "basis" },
      checked && make("p", { class: "checked" }, icon("check"), make("span", {}, dated(words.checked, checked.on, reply.language))),
      source && make("p", { class: "source" }, icon("page"), make("span", {}, words.source, " ", link(source.url, site(source.url)), ". ",
        source.dated ? dated(words.dated, source.dated, reply.language) : words.undated, " ", dated(words.read, source.copied, reply.language))),
      ...remarks.map((notice) => make("p", {}, icon("globe"), make("span", {}, notice.text))),
      reply.link && make("p", { class: "permanent" }, icon("link"), link(reply.link, words.link)));
  }

  function dated(text, day, language) {
    const shown = new Intl.DateTimeFormat(language === "en" ? "en-GB" : "sv-SE", { dateStyle: "long", timeZone: "UTC" });
    return text.replace("%(date)s", shown.format(new Date(`${day}T00:00:00Z`)));
  }

  function site(url) {
    return new URL(url).hostname.replace(/^www\./, "");
  }

  /* Markdown: paragraphs, lists, bold, emphasis and links, as web/markdown.py shows them */

  function blocks(text, calls) {
    const found = [];
    let open = null;
    for (const line of text.split("\n")) {
      const item = /^ {0,3}(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/.exec(line);
      if (!line.trim()) open = open && open.kind !== "p" ? { ...open, rest: true } : null;
      else if (item) {
        const kind = item[1] ? "ol" : "ul";
        if (!open || open.kind !== kind) found.push(open = { kind, items: [] });
        open.items.push(item[2]);
      } else if (open && !open.rest) open.items.push(`${open.items.pop()} ${line.trim()}`);
      else found.push(open = { kind: "p", items: [line.trim()] });
    }
    return found.map(({ kind, items }) => kind === "p" ? make("p", {}, ...inline(items[0], calls))
      : make(kind, {}, ...items.map((item) => make("li", {}, ...inline(item, calls)))));
  }

  function inline(source, calls) {
    const text = source.replace(/(\d) (?=\d)/g, "$1\u00a0");
    const nodes = [];
    let end = 0;
    for (const match of text.matchAll(/\*\*(.+?)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^()\s]+)\)/g)) {
      const [whole, bold, emphasis, label, url] = match;
      nodes.push(text.slice(end, match.index));
      if (bold) nodes.push(make("strong", {}, ...(calls && /^\+?\d[\d\u00a0-]{2,14}$/.test(bold) ? [link(`tel:${bold.replaceAll("\u00a0", "")}`, bold)] : inline(bold, false))));
      else if (emphasis) nodes.push(make("em", {}, emphasis));
      else nodes.push(SAFE.test(url) && !url.startsWith("/") ? link(url, label) : whole);
      end = match.index + whole.length;
    }
    nodes.push(text.slice(end));
    return nodes;
  }

  /* nodes */

  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value) node.setAttribute(name, value);
    node.append(...children.filter(Boolean));
    return node;
  }

  function link(url, ...children) {
    if (!SAFE.test(url)) return make("span", {}, ...children);
    return make("a", { href: url, rel: /^http/i.test(url) && "noopener" }, ...children);
  }

  function way(name, url, text) {
    const node = link(url, icon(name), make("span", {}, text));
    node.className = "way";
    return node;
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
    warning()?.remove();
    document.querySelector("[data-switch]").focus();
  }
})();
