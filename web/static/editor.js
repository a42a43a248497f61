/* Shows beside the form what visitors would see and what the edit changes, a moment after somebody stops typing. Without
   it the button does the same. It also asks before a page with unsaved words is left. */
"use strict";

(() => {
  const form = document.getElementById("editor");
  const status = document.getElementById("editor-status");
  const PAUSE = 500; // milliseconds without a key
  let waiting = 0;
  let asked = 0;
  let request = null;
  let isChanged = false;
  if (!form || !status) return;

  form.addEventListener("input", () => {
    isChanged = true;
    clearTimeout(waiting);
    waiting = setTimeout(() => look(), PAUSE);
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.getAttribute("formaction") === form.dataset.look) {
      event.preventDefault();
      look({ isWanted: true });
      return;
    }
    isChanged = false;
  });
  addEventListener("beforeunload", (event) => {
    if (isChanged) event.preventDefault();
  });

  // the preview is there from the start, and the server has asked everything before the first key is pressed
  look({ isFirst: true });

  function look({ isWanted = false, isFirst = false } = {}) {
    const mine = ++asked;
    clearTimeout(waiting);
    request?.abort();
    request = new XMLHttpRequest(); // parses the parts without any HTML passing through a string of ours
    const sent = new URLSearchParams(new FormData(form));
    sent.set("parts", "yes");
    if (isWanted) sent.set("wanted", "yes"); // also the tests of others, where a wider layer is written
    request.open("POST", form.dataset.look);
    request.responseType = "document";
    request.setRequestHeader("X-CSRF-Token", sent.get("csrf_token"));
    request.onload = () => mine === asked && take(request, { isWanted, isFirst });
    request.onerror = () => mine === asked && !isFirst && tell(form.dataset.failed);
    if (isWanted) tell(form.dataset.working);
    request.send(sent);
  }

  function take(answered, { isWanted, isFirst }) {
    const page = answered.response;
    if (answered.status !== 200 || !page?.getElementById("effect")) return isFirst || tell(form.dataset.failed);
    for (const id of ["preview", "effect"]) document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));
    const verdict = document.querySelector("#effect .verdict")?.textContent.trim();
    if (!isFirst) tell(verdict || form.dataset.done); // nobody has asked the first time
    if (isWanted) document.getElementById("preview").scrollIntoView({ block: "start" });
  }

  function tell(text) {
    if (status.textContent !== text) status.textContent = text;
  }
})();
