extension ExplanationPage {
  /// What moves: the walk-through, its marks, the dialogs.
  static let script = #"""
    // Steps through the walk-through, marks the figures of each step, opens chain rules.
    // Without this script every step and every chain rule stands on the page in order.
    (() => {
      "use strict";
      const all = (selector, root = document) => [...root.querySelectorAll(selector)];
      const words = (text) => (text ?? "").split(" ").filter(Boolean);
      const root = document.documentElement;
      const main = document.querySelector("main");
      const walk = document.getElementById("walk");
      const steps = all(".step", walk);
      if (!steps.length) return;
      root.classList.add("js");

      // A figure is a number, "hidden.z[0]". A name without index, "hidden.z", means all of its numbers.
      const within = (names, figure) => names.has(figure) || names.has(figure.replace(/\[.*/, ""));
      const figuresOf = (element) => [element.dataset.figure, ...words(element.dataset.also)];
      const marked = () => all("[data-figure]:not(.step)");
      const computedAt = new Map(steps.map((step, index) => [step.dataset.figure, index]));
      const whenComputed = (figure) =>
        computedAt.get(figure) ?? computedAt.get(figure.replace(/\[.*/, "")) ?? -1;

      // --- The toolbar
      const bar = document.createElement("div");
      bar.innerHTML = `
        <div class="bar" role="toolbar" aria-label="Steps">
          <button type="button" data-go="first">First</button>
          <button type="button" data-go="previous">‹ Previous</button>
          <button type="button" class="play">Play</button>
          <button type="button" data-go="next">Next ›</button>
          <button type="button" data-go="last">Last</button>
          <input type="range" min="1" max="${steps.length}" aria-label="Step">
          <output></output>
        </div>
        <div class="passes" role="group" aria-label="Passes"></div>
        <p class="sr" aria-live="polite"></p>`;
      walk.prepend(bar);
      const slider = bar.querySelector("input");
      const play = bar.querySelector(".play");
      const passes = bar.querySelector(".passes");
      for (const pass of new Set(steps.map((step) => step.dataset.pass))) {
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.pass = pass;
        button.textContent = /ward$/.test(pass) ? `${pass} pass` : pass;
        passes.append(button);
      }

      // --- One step
      let current = 0;
      let timer = 0;

      function show(index, { keepPlaying = false, remember = true } = {}) {
        if (!keepPlaying) pause();
        current = Math.max(0, Math.min(steps.length - 1, index));
        const step = steps[current];
        const { pass, figure: result } = step.dataset;
        const title = step.querySelector("h3").textContent;
        const uses = new Set(words(step.dataset.uses));
        main.dataset.pass = pass;
        steps.forEach((other) => other.classList.toggle("now", other === step));
        for (const element of marked()) {
          const figures = figuresOf(element);
          const list = element.classList;
          list.toggle("used", figures.some((figure) => within(uses, figure)));
          list.toggle("result", figures.some((figure) => within(new Set([result]), figure)));
          list.toggle("later", whenComputed(figures[0]) > current);
        }
        keepInView(document.querySelector("#network .result"));
        const count = `step ${current + 1} of ${steps.length}`;
        slider.value = current + 1;
        slider.setAttribute("aria-valuetext", `${count}, ${title}`);
        bar.querySelector("output").textContent = count;
        // aria-disabled and not disabled: a disabled button would lose the focus.
        for (const button of all("[data-go]", bar)) {
          button.setAttribute("aria-disabled", target(button.dataset.go) === current);
        }
        for (const button of passes.children) {
          if (button.dataset.pass === pass) button.setAttribute("aria-current", "step");
          else button.removeAttribute("aria-current");
        }
        if (!remember) return;
        const value = step.querySelector(".value data")?.textContent ?? "";
        bar.querySelector("[aria-live]").textContent = `${count}, ${pass}: ${title}, ${value}`;
        history.replaceState(null, "", `#${step.id}`); // so that a step can be linked and reloaded
      }

      // On a narrow screen the drawing scrolls sideways; bring the result of the step into its box.
      function keepInView(mark) {
        const box = mark?.closest(".scroll");
        if (!box || box.scrollWidth <= box.clientWidth) return;
        const at = mark.getBoundingClientRect();
        const frame = box.getBoundingClientRect();
        box.scrollLeft += (at.left + at.right) / 2 - (frame.left + frame.right) / 2;
      }

      function target(name) {
        const last = steps.length - 1;
        return { first: 0, previous: Math.max(0, current - 1), next: Math.min(last, current + 1), last }[name];
      }

      function pause() {
        clearInterval(timer);
        timer = 0;
        play.textContent = "Play";
      }

      function togglePlay() {
        if (timer) return pause();
        if (current === steps.length - 1) show(0);
        play.textContent = "Pause";
        timer = setInterval(() => {
          show(current + 1, { keepPlaying: true });
          if (current === steps.length - 1) pause();
        }, 2500);
      }

      slider.addEventListener("input", () => show(slider.value - 1));
      play.addEventListener("click", togglePlay);
      bar.addEventListener("click", ({ target: clicked }) => {
        if (clicked.dataset.go) show(target(clicked.dataset.go));
        if (clicked.dataset.pass) show(steps.findIndex((step) => step.dataset.pass === clicked.dataset.pass));
      });

      function visit(id) {
        const index = steps.findIndex((step) => step.id === id);
        if (index < 0) return;
        if (dialog.open) {
          opener = null; // the focus goes to the step instead
          dialog.close();
        }
        show(index);
        steps[index].tabIndex = -1;
        steps[index].focus({ preventScroll: true });
        steps[index].scrollIntoView({ block: "nearest" });
      }

      // --- The chain rule of a weight
      const dialog = document.createElement("dialog");
      document.body.append(dialog);
      let opener = null;

      function openChain(name, from) {
        pause();
        const known = document.getElementById(`chain-${name}`);
        const article = (known ?? document.getElementById("chain-none"))?.cloneNode(true);
        if (!article) return;
        article.removeAttribute("id");
        if (!known) all(".weight-name", article).forEach((place) => (place.textContent = name));
        const close = document.createElement("button");
        close.type = "button";
        close.className = "close";
        close.textContent = "Close";
        close.addEventListener("click", () => dialog.close());
        dialog.replaceChildren(close, article);
        dialog.setAttribute("aria-label", `Chain rule of ${name}`);
        opener = from;
        dialog.showModal();
        dialog.scrollTop = 0;
      }

      dialog.addEventListener("close", () => {
        if (dialog.open) return; // the event comes late; the next chain rule may be open already
        dialog.replaceChildren();
        opener?.focus();
      });
      dialog.addEventListener("click", (event) => {
        if (event.target === dialog && outside(event)) dialog.close();
      });
      function outside({ clientX: x, clientY: y }) {
        const box = dialog.getBoundingClientRect();
        return x < box.left || x > box.right || y < box.top || y > box.bottom;
      }

      document.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a link to open elsewhere
        const link = event.target.closest?.("[data-chain], a[href^='#step-']");
        if (!link) return;
        event.preventDefault();
        if (link.dataset.chain) openChain(link.dataset.chain, link);
        else visit(link.getAttribute("href").slice(1));
      });

      // --- The keyboard. The links of a .rove group (a layer's edges, a table) are one Tab stop;
      // the arrow keys move within it.
      const linksOf = (group) => all("a[href]", group);
      const makeStop = (group, stop) =>
        linksOf(group).forEach((link) => link.setAttribute("tabindex", link === stop ? 0 : -1));
      all(".rove").forEach((group) => makeStop(group, linksOf(group)[0]));
      // On the document: a focus listener on an SVG group would make the group itself a Tab stop.
      document.addEventListener("focusin", ({ target: focused }) => {
        const group = focused.closest(".rove");
        if (group) makeStop(group, focused);
      });
      all("[data-chain]").forEach((link) => link.setAttribute("aria-haspopup", "dialog"));

      function rove(group, link, key) {
        const links = linksOf(group);
        const row = link.closest("tr");
        const width = row ? linksOf(row).length : 1;
        const at = links.indexOf(link);
        const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - width, ArrowDown: at + width,
          Home: 0, End: links.length - 1 }[key];
        links[to]?.focus();
      }

      document.addEventListener("keydown", (event) => {
        const { key, target: at } = event;
        const arrow = /^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(key);
        if (!arrow || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || dialog.open) return;
        const group = at.closest(".rove");
        if (group) {
          event.preventDefault();
          return rove(group, at.closest("a"), key);
        }
        const scrolls = at !== document.body && at.scrollWidth > at.clientWidth;
        if (at === slider || scrolls) return; // they have their own use for the key
        const inWalk = walk.contains(at);
        const name = { ArrowLeft: "previous", ArrowRight: "next", Home: inWalk && "first", End: inWalk && "last" }[key];
        if (!name || !(inWalk || at === document.body)) return;
        event.preventDefault();
        show(target(name));
      });

      // --- Pointing at a number shows where else it stands.
      for (const [type, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
        document.addEventListener(type, ({ target: at }) => {
          const figure = at.closest?.("[data-figure]:not(.step)")?.dataset.figure;
          if (!figure) return;
          for (const element of marked()) {
            if (element.dataset.figure === figure) element.classList.toggle("same", on);
          }
        });
      }

      function follow() {
        const id = decodeURIComponent(location.hash.slice(1));
        if (id.startsWith("chain-")) openChain(id.slice(6), null);
        else visit(id);
      }
      // Print the whole walk, not the state of one step.
      addEventListener("beforeprint", () => marked().forEach((e) => e.classList.remove("used", "result", "later")));
      addEventListener("afterprint", () => show(current, { remember: false }));
      addEventListener("hashchange", follow);
      show(0, { remember: false });
      follow();
    })();
    """#
}
