/* What the page and the widget share: asking the API, and building what it answers node by node from text.
   It knows nothing of where it stands. `host` tells it: api, base (addresses), municipality, icon(name), texts(), words(language),
   language(), switchboard(). */
"use strict";

function hemvistTalk(host) {
  const STATUS_AFTER = 300; // ms; a quicker answer needs no "looking"
  const GIVE_UP_AFTER = 8000; // ms
  const SAFE = /^(https?:\/\/|mailto:|tel:|\/(?![/\\]))/i;
  const { icon } = host;

  /* asking */

  function ask(question, language, context) {
    return call("/chat", { method: "POST", body: { question, municipality: host.municipality(), language, context } });
  }

  function entry(id, language) {
    return call(`/entries/${encodeURIComponent(id)}?${new URLSearchParams({ municipality: host.municipality(), language })}`);
  }

  async function call(path, { method = "GET", body } = {}) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), GIVE_UP_AFTER);
    const headers = { "Accept-Language": host.language() };
    if (body) headers["Content-Type"] = "application/json";
    try {
      const response = await fetch(host.api + path, { method, headers, body: body && JSON.stringify(body), credentials: "omit", signal: stop.signal });
      const content = response.status === 204 ? {} : await response.json();
      return response.ok ? content : { code: content.code, refused: response.status < 500 ? content.detail : host.texts().failed };
    } catch (error) {
      return { refused: navigator.onLine ? host.texts().failed : host.texts().offline };
    } finally {
      clearTimeout(timer);
    }
  }

  /* One question at a time; of what is asked meanwhile, the last is asked next. */
  function taking({ status, log, add }) {
    let waiting = null;
    let queued = [];

    return async function take(asked, request, show) {
      if (waiting) {
        if (asked !== waiting) queued = [asked, request, show];
        return;
      }
      waiting = asked;
      const timer = setTimeout(() => { status().textContent = host.texts().looking; }, STATUS_AFTER);
      const reply = await request();
      clearTimeout(timer);
      status().textContent = "";
      waiting = null;
      log().querySelector(".trouble")?.remove();
      if (reply.refused) add(trouble(reply.refused));
      else show(reply);
      if (queued.length) take(...queued.splice(0));
    };
  }

  /* showing */

  function turn(question, reply) {
    const words = host.words(reply.language);
    const asked = make("p", { class: "asked" }, make("span", { class: "who" }, words.asked), " ", make("span", { class: "said" }, question));
    return make("div", { class: "turn", lang: reply.language }, asked, card(reply, words));
  }

  function trouble(reason) {
    const texts = host.texts();
    const someone = host.switchboard();
    const isThere = someone && (someone.phone || someone.email);
    return make("article", { class: "card trouble turn" }, make("h2", {}, texts.trouble), make("p", {}, reason, " ", texts.kept),
      isThere && make("p", {}, texts.call, " ", someone.name),
      isThere && someone.phone && way("phone", someone.phone_link, someone.phone),
      isThere && someone.email && way("mail", `mailto:${someone.email}`, someone.email),
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
    return make("a", { href: url.startsWith("/") ? host.base + url : url, rel: /^http/i.test(url) && "noopener" }, ...children);
  }

  function way(name, url, text) {
    const node = link(url, icon(name), make("span", {}, text));
    node.className = "way";
    return node;
  }

  return { ask, entry, taking, turn, make };
}
