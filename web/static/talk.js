/* What the page and the widget share: asking the API, and building what it answers node by node from text.
   It knows nothing of where it stands. `host` tells it: api, base (addresses), municipality, icon(name), texts(), words(language),
   language(), switchboard(), copy(). */
"use strict";

function hemvistTalk(host) {
  const STATUS_AFTER = 300; // ms; a quicker answer needs no "looking"
  const GIVE_UP_AFTER = 8000; // ms
  const SAFE = /^(https?:\/\/|mailto:|tel:|\/(?![/\\]))/i;
  const { icon } = host;
  let unanswered = null;

  /* asking */

  /* The same question sent again after it failed carries the same key, so that it is not counted twice. */
  async function ask(question, language, context) {
    const body = { question, municipality: host.municipality(), language, context };
    const said = JSON.stringify(body);
    if (unanswered?.said !== said) unanswered = { said, key: newKey() };
    const reply = await call("/chat", { method: "POST", body, key: unanswered.key });
    if (!reply.refused) unanswered = null;
    return reply;
  }

  function entry(id, language) {
    return call(`/entries/${encodeURIComponent(id)}?${new URLSearchParams({ municipality: host.municipality(), language })}`);
  }

  function titles(language) {
    return call(`/titles?${new URLSearchParams({ municipality: host.municipality(), language })}`);
  }

  function judge(context, entry, helpful, reason) {
    return call("/feedback", { method: "POST", body: { context, entry, helpful, reason }, key: newKey() });
  }

  /* Deletes what is kept of a conversation. Opening an answer begins a new one, so there may be several. */
  async function forget(turns) {
    const told = turns.flatMap(({ reply, earlier = [] }) => [reply.context, ...earlier]);
    const contexts = new Map(told.map((context) => [context.split(".")[3], context]));
    const replies = await Promise.all([...contexts.values()].map((context) => call("/conversation", { method: "DELETE", body: { context } })));
    return replies.every((reply) => !reply.refused || reply.status === 404);
  }

  /* The same turn in another language: an answer is read again, everything else asked again, which is no new question.
     `earlier` are the contexts under which it was kept, for when it is to be deleted. */
  async function inLanguage(turn, language) {
    const { question, reply, before, isOpened } = turn;
    if (reply.language === language) return turn;
    const isText = ["answer", "plan", "safety"].includes(reply.kind);
    const fresh = await (isText ? entry(reply.entry, language)
      : call("/chat?again=1", { method: "POST", body: { question, municipality: host.municipality(), language, context: before } }));
    if (fresh.refused) return turn;
    const earlier = [...turn.earlier || [], reply.context];
    return { ...turn, earlier, question: isOpened ? fresh.title : question, reply: { ...fresh, kind: isText ? reply.kind : fresh.kind } };
  }

  async function call(path, { method = "GET", body, key } = {}) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), GIVE_UP_AFTER);
    const headers = { "Accept-Language": host.language() };
    if (body) headers["Content-Type"] = "application/json";
    if (key) headers["Idempotency-Key"] = key;
    try {
      const response = await fetch(host.api + path, { method, headers, body: body && JSON.stringify(body), credentials: "omit", signal: stop.signal });
      const content = response.status === 204 ? {} : await response.json();
      return response.ok ? content : { status: response.status, code: content.code, refused: response.status < 500 ? content.detail : host.texts().failed };
    } catch (error) {
      return { refused: navigator.onLine ? host.texts().failed : host.texts().offline };
    } finally {
      clearTimeout(timer);
    }
  }

  function newKey() {
    return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
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
    const copy = host.copy();
    const isThere = someone && (someone.phone || someone.email);
    return make("article", { class: "card trouble turn" }, make("h2", {}, texts.trouble), make("p", {}, reason, " ", texts.kept),
      isThere && make("p", {}, texts.call, " ", someone.name),
      isThere && someone.phone && way("phone", someone.phone_link, someone.phone),
      isThere && someone.email && way("mail", `mailto:${someone.email}`, someone.email),
      way("phone", "tel:112", texts.danger),
      copy ? way("globe", copy, texts.read) : host.page && way("globe", host.page(), texts.page));
  }

  function judging(reply, words) {
    const box = make("div", { class: "judge", role: "group", "aria-label": words.helped });
    const say = (helpful, reason) => judge(reply.context, reply.entry, helpful, reason);
    const choose = (helpful) => {
      say(helpful, "");
      const why = make("textarea", { id: `why-${newKey()}`, rows: "2", maxlength: "500" });
      const form = make("form", {}, make("p", {}, words.thanks), make("label", { for: why.id }, words.why), why,
        make("p", { class: "hint" }, words.personal), make("button", { class: "small-button" }, words.send));
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const reason = why.value.trim();
        if (reason) say(helpful, reason);
        const done = make("p", { tabindex: "-1" }, words.thanks);
        box.replaceChildren(done);
        done.focus();
      });
      box.replaceChildren(form);
      why.focus();
    };
    box.append(make("span", {}, words.helped), press(words.yes, () => choose(true), "up"), press(words.no, () => choose(false), "down"));
    return box;
  }

  /* What can be done with the whole conversation. */
  function tools({ turns, print, say, forgotten }) {
    const texts = host.texts();
    const copy = () => navigator.clipboard.writeText(transcript(turns())).then(() => say(texts.copied), () => say(texts.not_copied));
    const wipe = async () => {
      const told = turns();
      forgotten();
      say(await forget(told) ? texts.forgotten : texts.not_forgotten);
    };
    return make("div", { class: "tools", role: "group", "aria-label": texts.tools },
      navigator.clipboard && press(texts.copy, copy), press(texts.print, print),
      press(texts.save, () => download(transcript(turns()))), press(texts.forget, wipe));
  }

  function download(text) {
    const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    const target = make("a", { href: address, download: "hemvist.txt" });
    target.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  function transcript(turns) {
    return turns.map(({ question, reply }) => {
      const words = host.words(reply.language);
      const { source } = reply;
      return [`${words.asked} ${question}`, "", words.answers, reply.title, plain(reply.text),
        ...reply.choices.map((choice) => `- ${choice.title}`),
        ...reply.records.map((record) => [`- ${record.title}`, record.badge, ...record.lines].filter(Boolean).join(", ")),
        ...reply.contacts.map((found) => [found.name, found.phone, found.email].filter(Boolean).join(", ")),
        source && `${words.source} ${source.url} (${source.dated ? dated(words.dated, source.dated, reply.language) : words.undated})`,
        reply.link && new URL(host.base + reply.link, location.href).href].filter((line) => line !== null).join("\n");
    }).join("\n\n\n");
  }

  function plain(text) {
    return text.replace(/\*\*?(.+?)\*\*?/g, "$1").replace(/\[([^\]]+)\]\(([^()\s]+)\)/g, "$1 ($2)");
  }

  /* Personal data is flagged before it is sent; the last word is left to who writes. The focus goes to the first button,
     so that a screen reader says the words without an alert. */
  function flagging({ box, row }) {
    let shown = null;
    const clear = () => { shown?.remove(); shown = null; };
    const back = () => { clear(); box.focus(); };
    box.addEventListener("input", clear);

    return {
      clear,
      holds(text, send) {
        clear();
        if (!holdsPersonalData(text)) return false;
        const texts = host.texts();
        const change = press(texts.change, back);
        const words = make("p", { id: "personal-words" }, texts.personal);
        change.setAttribute("aria-describedby", words.id);
        shown = make("div", { id: "personal", class: "personal", role: "group", "aria-labelledby": words.id }, words,
          make("div", { class: "answers" }, change, press(texts.anyway, () => { back(); send(); })));
        shown.addEventListener("keydown", (event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          back();
        });
        row.after(shown);
        shown.scrollIntoView({ block: "nearest" });
        change.focus();
        return true;
      },
    };
  }

  // Whether `text` seems to hold an identity number, a phone number or an e-mail address. The server looks closer.
  function holdsPersonalData(text) {
    const plain = text.normalize("NFKC").replace(/\p{DI}/gu, "");
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

  /* Titles that hold every word typed so far, found here: what is typed goes nowhere before it is sent. */
  function suggesting({ box, list, choose }) {
    let known = null;
    let found = [];
    let active = -1;

    const close = () => { found = []; show(); };
    const load = () => { known ??= titles(host.language()).then((reply) => (reply.titles || []).map((one) => [fold(one.title), one])); };
    const pick = (option) => { close(); choose(option); };

    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", list.id);
    box.addEventListener("focus", load);
    box.addEventListener("blur", close);
    box.addEventListener("input", async () => {
      load();
      const typed = box.value;
      const all = await known;
      if (box.value !== typed) return;
      found = matching(fold(typed), all);
      show();
    });
    box.addEventListener("keydown", (event) => {
      if (!found.length || event.isComposing) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        const stops = found.length + 1; // the box itself is one
        mark(((active + 1 + step + stops) % stops) - 1);
      } else if (event.key === "Escape") close();
      else if (event.key === "Enter" && active >= 0) pick(found[active]);
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    }, true);

    function show() {
      list.hidden = !found.length;
      list.setAttribute("aria-label", host.texts().suggestions);
      list.replaceChildren(...found.map((option, at) => {
        const node = make("li", { role: "option", id: `${list.id}-${at}`, "aria-selected": "false", lang: option.title_language }, option.title);
        node.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the box
        node.addEventListener("click", () => pick(option));
        return node;
      }));
      mark(-1);
    }

    function mark(at) {
      active = at;
      [...list.children].forEach((node, place) => node.setAttribute("aria-selected", String(place === at)));
      if (at < 0) box.removeAttribute("aria-activedescendant");
      else {
        box.setAttribute("aria-activedescendant", list.children[at].id);
        list.children[at].scrollIntoView({ block: "nearest" });
      }
    }

    return { close, renew() { known = null; close(); } };
  }

  function matching(typed, all) {
    const words = typed.match(/[\p{L}\p{N}]+/gu) || [];
    if (typed.trim().length < 2) return [];
    const holds = (title) => words.every((word) => ` ${title}`.includes(` ${word}`));
    const at = ([title]) => title.indexOf(words[0]);
    return all.filter(([title]) => holds(title)).sort((one, other) => at(one) - at(other)).slice(0, 5).map(([, option]) => option);
  }

  function fold(text) {
    return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
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
      (reply.plan_link || reply.list_link) && make("p", { class: "whole" }, whole(reply, words)),
      steps(reply.choices),
      ...ofMunicipalities(reply, words),
      reply.links.length && make("ul", { class: "links" }, ...reply.links.map((found) => make("li", {}, link(found.url, found.label)))),
      ...people(reply, words),
      basis(reply, words),
      reply.entry && reply.kind !== "safety" && judging(reply, words),
      reply.next.length && make("h3", { class: "small onward" }, words.next),
      steps(reply.next));
  }

  function notices(reply, wanted) {
    return reply.notices.filter((notice) => wanted(notice.code));
  }

  function steps(options) {
    if (!options.length) return null;
    return make("ul", { class: "steps" }, ...options.map((option) => {
      const target = link(option.link, icon("arrow"), make("span", { lang: option.title_language }, option.title));
      target.dataset.entry = option.entry;
      return make("li", {}, target);
    }));
  }

  function ofMunicipalities({ kind, language, municipalities }, words) {
    if (!municipalities.length) return [];
    const list = make("ul", { class: "others" }, ...municipalities.map((one) => make("li", { class: one.records.length && "listing" },
      make("h3", { class: "small" }, one.name),
      one.text && make("div", { class: "text", lang: one.text_language !== language && one.text_language }, ...blocks(one.text)),
      one.records.length && make("ul", { class: "few" }, ...one.records.map((record) => make("li", {}, make("strong", {}, record.title), " ", record.lines[0] || "",
        record.example && " ", record.example && make("span", { class: "badge example" }, record.example_text)))),
      make("p", {}, one.records.length ? link(one.list_link, `${words.all_fitting} (${one.total})`, unseen(one.name))
        : link(one.link, make("span", { lang: one.title_language }, one.title || one.name), unseen(one.name))))));
    return kind === "group" || kind === "choose" ? [list] : [make("p", { class: "understood" }, words.elsewhere), list];
  }

  function unseen(name) {
    return make("span", { class: "unseen" }, ` – ${name}`);
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
    const node = reply.plan_link ? link(reply.plan_link, icon("moving-checklist"), make("span", {}, words.plan))
      : link(reply.list_link, icon("map"), make("span", {}, words.whole_list, more));
    node.className = "button";
    return node;
  }

  function people(reply, words) {
    const list = reply.contacts.length ? [make("h3", { class: "small" }, words.contact), make("ul", { class: "contacts" }, ...reply.contacts.map((found) => contact(found, words)))] : [];
    if (reply.person) list.push(way("pen", reply.person, words.write));
    if (reply.kind !== "choices") return list;
    const none = make("details", { class: "nothing" }, make("summary", {}, words.none), make("p", {}, words.person), ...list);
    none.addEventListener("toggle", () => judge(reply.context, null, false, ""), { once: true }); // a miss: nothing of it was meant
    return [none];
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
    const shown = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeZone: "UTC" });
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

  function press(text, act, name) {
    const node = make("button", { type: "button", class: "small-button" }, name && icon(name), make("span", {}, text));
    node.addEventListener("click", act);
    return node;
  }

  function way(name, url, text) {
    const node = link(url, icon(name), make("span", {}, text));
    node.className = "way";
    return node;
  }

  return { ask, call, contact, entry, flagging, inLanguage, link, make, press, steps, suggesting, taking, tools, trouble, turn };
}
