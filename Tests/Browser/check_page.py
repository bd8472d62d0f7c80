#!/usr/bin/env python3
"""Drives headless Chromium through a page of `backprop explain --format html`.

    python3 check_page.py page.html [--screenshots DIR] [--weight NAME] [--chromium PATH]

Needs only Python's standard library and a chromium binary. Prints one line; exits with 0 or 1.
"""
import argparse, base64, json, os, pathlib, select, shutil, signal, subprocess, sys, tempfile, time
from urllib.parse import quote

KEYS = {"ArrowRight": 39, "ArrowLeft": 37, "ArrowUp": 38, "ArrowDown": 40, "Home": 36, "End": 35,
        "Tab": 9, "Enter": 13, "Escape": 27, " ": 32}


class Failure(Exception):
    pass


def require(condition, message):
    if not condition:
        raise Failure(message)


class Browser:
    """Chromium, spoken to over a pair of pipes: JSON messages, each ended by a zero byte."""

    def __init__(self, binary, patience):
        self.deadline = time.monotonic() + patience
        self.home = tempfile.mkdtemp(prefix="page-check-")
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        # The shell puts the pipes where --remote-debugging-pipe expects them: 3 to read, 4 to write.
        # First out of the way, because one of them may itself be 3 or 4.
        launch = 'exec 8<&"$0" 9>&"$1"; shift; exec 3<&8 4>&9 8<&- 9>&-; exec "$@"'
        command = ["sh", "-c", launch, str(theirs_in), str(theirs_out), binary, "--headless=new", "--no-sandbox",
                   "--remote-debugging-pipe", f"--user-data-dir={self.home}", "--no-first-run", "--disable-gpu",
                   "--disable-dev-shm-usage", "--hide-scrollbars", "--disable-background-networking",
                   "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND", "about:blank"]
        self.process = subprocess.Popen(command, pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(theirs_in)
        os.close(theirs_out)
        self.read_end, self.write_end = ours_in, ours_out
        self.buffer, self.next_id, self.session, self.events, self.errors = b"", 0, None, [], []

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)  # its own session: nothing else is in the group
        except ProcessLookupError:
            pass
        self.process.wait()
        for end in (self.read_end, self.write_end):
            os.close(end)
        shutil.rmtree(self.home, ignore_errors=True)

    def receive(self, wait):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read_end], [], [], max(0, wait))
            if not ready:
                return None
            data = os.read(self.read_end, 1 << 20)
            require(data, "chromium ended unexpectedly")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def note(self, message):
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.errors.append("console: " + " ".join(str(a.get("value", a.get("description"))) for a in params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.errors.append("log: " + params["entry"]["text"])
        elif method == "Network.requestWillBeSent" and not params["request"]["url"].startswith(("file:", "data:")):
            self.errors.append("asks the network for " + params["request"]["url"])
        else:
            self.events.append(method)

    def call(self, method, **params):
        self.next_id += 1
        message = {"id": self.next_id, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        try:
            os.write(self.write_end, json.dumps(message).encode() + b"\0")
        except BrokenPipeError:
            raise Failure("chromium ended unexpectedly") from None
        while True:
            left = min(self.deadline - time.monotonic(), 30)
            answer = self.receive(left)
            require(answer is not None, f"no answer to {method} in time")
            if answer.get("id") == self.next_id:
                require("error" not in answer, f"{method}: {answer.get('error', {}).get('message')}")
                return answer["result"]
            self.note(answer)

    def start(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def load(self, url):
        for address in ("about:blank", url):  # by way of a blank page, or a new #part would not load afresh
            self.events.clear()
            failed = self.call("Page.navigate", url=address).get("errorText")
            require(not failed, f"the page does not load: {failed}")
            until = time.monotonic() + 20
            while "Page.loadEventFired" not in self.events:
                require(time.monotonic() < until, "the page does not finish loading")
                message = self.receive(0.2)
                if message:
                    self.note(message)

    def run(self, expression):
        """The value of a JavaScript expression; an exception in it is a failure."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise Failure("in the check: " + (details.get("exception", {}).get("description") or details["text"]))
        return answer["result"].get("value")

    def key(self, name, shift=False):
        code = "Space" if name == " " else name
        common = dict(key=name, code=code, windowsVirtualKeyCode=KEYS[name], modifiers=8 if shift else 0)
        text = {"Enter": "\r", " ": " "}.get(name)
        if text:
            self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        else:
            self.call("Input.dispatchKeyEvent", type="rawKeyDown", **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def look(self, width, height, scheme="light", media="", motion="reduce"):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": motion}])

    def picture(self, folder, name, whole=False):
        if not folder:
            return
        if not whole:
            data = self.call("Page.captureScreenshot", format="png")["data"]
        else:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            clip = dict(x=0, y=0, width=size["width"], height=min(size["height"], 12000), scale=1)
            data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
        (folder / f"{name}.png").write_bytes(base64.b64decode(data))


# Written apart from page.js on purpose: what the page ought to show, from its markup alone.
TOOLS = r"""
window.tools = (() => {
  const list = text => (text || "").split(" ").filter(Boolean);
  const covers = (token, figure) => token === figure || figure.startsWith(token + "[");
  const steps = () => [...document.querySelectorAll("#walk .step")];
  const shown = e => e.checkVisibility();
  const now = () => steps().filter(shown);
  const marks = () => {
    const visible = now();
    if (visible.length !== 1) return `${visible.length} steps are shown instead of 1`;
    const step = visible[0], at = steps().indexOf(step), uses = list(step.dataset.uses);
    const made = figure => steps().findIndex(s => covers(s.dataset.figure, figure));
    const found = new Set();
    let results = 0;
    for (const e of document.querySelectorAll("[data-figure]:not(.step)")) {
      const own = e.dataset.figure, figures = [own, ...list(e.dataset.also)];
      const want = {
        used: figures.some(f => uses.some(u => covers(u, f))),
        result: figures.some(f => covers(step.dataset.figure, f)),
        later: made(own) > at,
      };
      for (const [name, value] of Object.entries(want)) {
        if (e.classList.contains(name) !== value) {
          return `${step.id}: <${e.localName}> of ${own} ${value ? "lacks" : "wrongly has"} "${name}"`;
        }
      }
      if (step.contains(e) || !e.closest(".step")) {
        figures.forEach(f => uses.forEach(u => covers(u, f) && found.add(u)));
        if (want.result) results += 1;
      }
    }
    const missing = uses.filter(u => !found.has(u));
    if (missing.length) return `${step.id}: nothing on the page shows ${missing[0]}`;
    if (!results) return `${step.id}: its result ${step.dataset.figure} stands nowhere`;
    return "";
  };
  const focus = () => {
    const e = document.activeElement;
    if (!e || e === document.body) return "";
    if (e.dataset.chain) return (e.closest("svg") ? "edge " : "number ") + e.dataset.chain;
    const link = e.getAttribute("href");
    return e.dataset.go || (e.classList.contains("play") ? "play" : e.type === "range" ? "slider" :
      link ? (e.closest("svg") ? "unit " : "number ") + link : e.localName + " " + (e.dataset.pass || e.className));
  };
  // The rendered contrast of every text, against the nearest ground behind it.
  const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return { rgb: m.slice(0, 3), a: m[3] ?? 1 }; };
  const light = rgb => rgb.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
  const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.a === 1) return c.rgb;
    }
    return [255, 255, 255];
  };
  const faint = () => {
    let worst = { ratio: 99 };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
      const e = node.parentElement;
      if (!node.data.trim() || ["SCRIPT", "STYLE"].includes(e.tagName) || !shown(e) || e.closest(".sr")) continue;
      const style = getComputedStyle(e);
      const inDrawing = e.closest("svg");
      const halo = inDrawing && style.stroke !== "none" ? parse(style.stroke).rgb : null;
      let behind = halo || ground(e);
      const disc = inDrawing && !halo && e.closest("a, .plain")?.querySelector("circle:not(.ring), rect:not(.ring)");
      if (disc) {
        const s = getComputedStyle(disc), o = Number(s.fillOpacity);
        behind = parse(s.fill).rgb.map((v, i) => v * o + behind[i] * (1 - o));
      }
      const ratio = contrast(parse(inDrawing ? style.fill : style.color).rgb, behind);
      const dimmed = e.closest(".flow");
      if (!dimmed && ratio < worst.ratio) worst = { ratio, text: node.data.trim().slice(0, 40), where: e.className.baseVal ?? e.className };
    }
    return worst;
  };
  const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const clipped = () => {
    // Text of the drawing that leaves its view box, or lies on another text.
    const svg = document.querySelector("#network svg"), frame = svg.getBoundingClientRect();
    const boxes = [...svg.querySelectorAll("text")].filter(shown).map(e => [e, e.getBoundingClientRect()]);
    for (const [e, b] of boxes) {
      if (b.left < frame.left - 1 || b.right > frame.right + 1 || b.top < frame.top - 1 || b.bottom > frame.bottom + 1) {
        return `"${e.textContent}" leaves the drawing`;
      }
    }
    for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
      const [a, b] = [boxes[i][1], boxes[j][1]];
      const w = Math.min(a.right, b.right) - Math.max(a.left, b.left), h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (w > 2 && h > 5) return `"${boxes[i][0].textContent}" and "${boxes[j][0].textContent}" overlap in the drawing`;
    }
    return "";
  };
  // A point of an edge at which a click meets this edge and no other.
  const pointOn = name => {
    const edge = document.querySelector(`.edge[data-chain="${CSS.escape(name)}"]`);
    if (!edge) return null;
    edge.scrollIntoView({ block: "center", inline: "center" });
    const line = edge.querySelector(".hit"), matrix = line.getScreenCTM();
    for (let t = .02; t < 1; t += .02) {
      const at = new DOMPoint(line.x1.baseVal.value * (1 - t) + line.x2.baseVal.value * t,
        line.y1.baseVal.value * (1 - t) + line.y2.baseVal.value * t).matrixTransform(matrix);
      if (document.elementFromPoint(at.x, at.y)?.closest(".edge") === edge) return [at.x, at.y];
    }
    return null;
  };
  const dialog = () => document.querySelector("dialog[open]");
  const chain = () => {
    const open = dialog();
    if (!open) return null;
    const numbers = s => [...open.querySelectorAll(s)].map(e => Number(e.value));
    return { title: open.querySelector("h3")?.textContent ?? "", label: open.getAttribute("aria-label"),
      products: numbers("data.product"), sums: numbers("data.sum"), formulas: open.querySelectorAll("math").length,
      check: open.querySelector(".check")?.textContent ?? "", inside: open.contains(document.activeElement),
      wide: open.scrollWidth - open.clientWidth };
  };
  return { marks, focus, faint, overflow, clipped, pointOn, chain, steps, now, shown,
    at: () => steps().indexOf(now()[0]) };
})();
"""


def check_without_scripts(b, url, folder):
    b.call("Emulation.setScriptExecutionDisabled", value=True)
    b.look(1280, 800)
    b.load(url)
    b.call("Emulation.setScriptExecutionDisabled", value=False)
    hidden = b.run("[...document.querySelectorAll('.step, .chain')].filter(e => !e.checkVisibility()).length")
    require(hidden == 0, f"{hidden} steps or chain rules are hidden without JavaScript")
    broken = b.run("""[...document.querySelectorAll("a[href^='#']")].map(a => decodeURIComponent(a.getAttribute("href").slice(1)))
        .find(id => !document.getElementById(id)) ?? "" """)
    require(not broken, f"a link leads to #{broken}, which is not on the page")
    twice = b.run("(() => { const s = new Set(); for (const e of document.querySelectorAll('[id]')) "
                  "{ if (s.has(e.id)) return e.id; s.add(e.id); } return ''; })()")
    require(not twice, f"the id {twice} stands twice")
    require(b.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth"),
            "the page is too wide without JavaScript")
    b.picture(folder, "no-script", whole=True)


def check_steps(b, folder):
    count = b.run("tools.steps().length")
    require(count > 1, "there are no steps")
    passes = b.run("tools.steps().map(s => s.dataset.pass)")
    b.run("document.querySelector('#walk').scrollIntoView({block: 'nearest'})")
    pictured = set()
    for step in range(count):
        require(b.run("tools.at()") == step, f"after {step} clicks on Next, step {step + 1} is not the one shown")
        wrong = b.run("tools.marks()")
        require(not wrong, wrong)
        wrong = b.run("tools.clipped()")
        require(not wrong, f"step {step + 1}: {wrong}")
        label = b.run("document.querySelector('#walk output').textContent")
        require(label == f"step {step + 1} of {count}", f"the toolbar says \"{label}\" at step {step + 1}")
        if passes[step] not in pictured:
            pictured.add(passes[step])
            b.picture(folder, f"step-{passes[step]}")
        if step + 1 < count:
            next_ = b.run("(() => { const r = document.querySelector('[data-go=next]').getBoundingClientRect();"
                          "return [r.x + r.width / 2, r.y + r.height / 2]; })()")
            b.click(*next_)
    b.picture(folder, "step-last")
    spoken = b.run("document.querySelector('[aria-live=polite]').textContent")
    require(f"step {count} of {count}" in spoken, "the step is not announced")
    for step in reversed(range(count - 1)):  # the focus is on Next, inside the walk-through
        b.key("ArrowLeft")
        require(b.run("tools.at()") == step, f"ArrowLeft does not lead back to step {step + 1}")
        wrong = b.run("tools.marks()")
        require(not wrong, "going back: " + wrong)
    b.key("End")
    require(b.run("tools.at()") == count - 1, "End does not lead to the last step")
    b.key("Home")
    require(b.run("tools.at()") == 0, "Home does not lead to the first step")
    b.run("document.activeElement.blur()")
    b.key("ArrowRight")
    require(b.run("tools.at()") == 1, "ArrowRight does nothing while no control has the focus")
    b.run("document.querySelector('#walk input').focus()")
    b.key("ArrowRight")
    require(b.run("tools.at()") == 2, "ArrowRight on the slider does not go exactly one step")
    b.run("document.querySelector('.play').focus()")
    b.key(" ")
    require(b.run("document.querySelector('.play').textContent") == "Pause", "Space does not play")
    until = time.monotonic() + 10
    while b.run("tools.at()") < min(3, count - 1):
        require(time.monotonic() < until, "playing does not advance")
        time.sleep(0.1)
    b.key(" ")
    require(b.run("document.querySelector('.play').textContent") == "Play", "Space does not pause")
    return count


def check_chain(b, name, folder):
    point = b.run(f"tools.pointOn({json.dumps(name)})")
    require(point, f"no edge of {name} can be clicked in the drawing")
    b.click(*point)
    found = b.run("tools.chain()")
    require(found, f"a click on the edge {name} opens nothing")
    check_content(name, found, b)
    b.picture(folder, "chain")
    b.key("Escape")
    require(b.run("tools.chain()") is None, "Escape does not close the chain rule")
    require(b.run("tools.focus()") == f"edge {name}", f"the focus does not return to the edge {name}")


def check_content(name, found, b):
    # Attributes have no spaces in names.
    require(name.replace("␣", " ") in found["title"], f"the dialog of {name} is titled \"{found['title']}\"")
    require(found["inside"], "the focus is not in the dialog")
    require(found["wide"] <= 0, "the dialog is too wide")
    require(found["formulas"] >= 2, f"the chain rule of {name} has no formulas")
    require(found["check"], f"the chain rule of {name} has no finite-difference check")
    if found["products"] or found["sums"]:
        # A bias that a whole layer shares has paths, and a sum, for each unit.
        require(found["sums"] and found["products"], f"the chain rule of {name} has no sum over its paths")
        total, whole = sum(found["products"]), sum(found["sums"])
        require(abs(total - whole) <= 1e-6 * max(map(abs, found["products"])),
                f"the paths of {name} add up to {total}, not to {whole}")


def check_all_chains(b):
    names = b.run("[...document.querySelectorAll('#chains .chain')].map(e => e.id.slice(6)).filter(n => n !== 'none')")
    for name in names:
        if not b.run(f"!!document.querySelector('[data-chain=\"{name}\"]')"):
            continue
        b.run(f"document.querySelector('[data-chain=\"{name}\"]').dispatchEvent(new MouseEvent('click', {{bubbles: true, cancelable: true}}))")
        found = b.run("tools.chain()")
        require(found and name.replace("␣", " ") in found["title"], f"{name} does not open its chain rule")
        check_content(name, found, b)
        b.key("Escape")
    missing = b.run("[...document.querySelectorAll('[data-chain]')].find(e => !document.getElementById('chain-' + e.dataset.chain))"
                    "?.dataset.chain ?? ''")
    if missing:
        b.run(f"document.querySelector('[data-chain=\"{missing}\"]').dispatchEvent(new MouseEvent('click', {{bubbles: true, cancelable: true}}))")
        text = b.run("document.querySelector('dialog[open]')?.textContent ?? ''")
        require(f"--weight" in text and missing in text, f"{missing} has no chain rule and does not say how to get it")
        b.key("Escape")
    return len(names)


def check_keyboard(b, name, url):
    """Tab reaches every stop, the arrow keys every weight and number of a group."""
    b.load(url)  # afresh, so that Tab starts at the top
    b.run(TOOLS)
    seen = []
    for _ in range(400):
        b.key("Tab")
        at = b.run("tools.focus()")
        if not at or (seen and at == seen[0]):
            break
        require(b.run("document.activeElement.matches(':focus-visible')"), f"the focus on {at} is not visible")
        seen.append(at)
    for stop in ("first", "previous", "play", "next", "last", "slider"):
        require(stop in seen, f"Tab does not reach {stop}")
    require(any(s.startswith("edge ") for s in seen), "Tab does not reach the edges")
    require(any(s.startswith("number ") for s in seen), "Tab does not reach the numbers")
    groups = b.run("document.querySelectorAll('.rove').length")
    for group in range(groups):
        links = b.run(f"document.querySelectorAll('.rove')[{group}].querySelectorAll('a[href]').length")
        if not links:
            continue
        b.run(f"document.querySelectorAll('.rove')[{group}].querySelector('a[tabindex=\"0\"]').focus()")
        b.key("Home")
        for position in range(links):
            where = b.run(f"[...document.querySelectorAll('.rove')[{group}].querySelectorAll('a[href]')].indexOf(document.activeElement)")
            require(where == position, f"the arrow keys do not reach link {position} of group {group}")
            b.key("ArrowRight")
    step = b.run("tools.at()")
    b.run(f"document.querySelector('.edge[data-chain=\"{name}\"]').focus()")
    b.key("Enter")
    require(name in (b.run("tools.chain()") or {}).get("title", ""), f"Enter on {name} does not open its chain rule")
    for _ in range(12):  # Tab must not leave the open dialog for the page behind it
        b.key("Tab")
        require(b.run("document.activeElement === document.body || !!document.activeElement.closest('dialog')"),
                "Tab leaves the open dialog")
    b.key("Escape")
    require(b.run("tools.focus()") == f"edge {name}", "the focus does not return after Enter and Escape")
    require(b.run("tools.at()") == step, "moving among the weights changes the step")
    link = b.run("document.querySelector(\"#values a[href^='#step-']\")?.getAttribute('href') ?? ''")
    if link:
        b.run("document.querySelector(\"#values a[href^='#step-']\").focus()")
        b.key("Enter")
        require(b.run("'#' + tools.now()[0].id") == link, f"Enter on a number does not lead to {link}")
        require(b.run("!!document.activeElement.closest('.step.now, #walk')"), "the focus does not follow to the step")


def check_looks(b, url, folder, name):
    worst = 99
    for scheme in ("light", "dark"):
        for width, height in ((1280, 720), (400, 800)):
            b.look(width, height, scheme)
            b.load(url)
            b.run(TOOLS)
            for step in sorted({0, b.run("tools.steps().length") // 2, b.run("tools.steps().length") - 1}):
                b.run(f"document.querySelector('#walk input').value = {step + 1};"
                      "document.querySelector('#walk input').dispatchEvent(new Event('input', {bubbles: true}))")
                over = b.run("tools.overflow()")
                require(over <= 0, f"at {width} px the page is {over} px too wide")
                faint = b.run("tools.faint()")
                require(faint["ratio"] >= 4.5, f"{scheme}: contrast {faint['ratio']:.2f} of \"{faint['text']}\" ({faint['where']})")
                worst = min(worst, faint["ratio"])
                b.picture(folder, f"{scheme}-{width}-step-{step + 1}")
            b.picture(folder, f"{scheme}-{width}-whole", whole=True)
            b.run(f"document.querySelector('[data-chain=\"{name}\"]').dispatchEvent(new MouseEvent('click', {{bubbles: true, cancelable: true}}))")
            faint = b.run("tools.faint()")
            require(faint["ratio"] >= 4.5, f"{scheme}, chain rule: contrast {faint['ratio']:.2f} of \"{faint['text']}\"")
            require(b.run("tools.chain().wide") <= 0, f"at {width} px the dialog is too wide")
            b.picture(folder, f"{scheme}-{width}-chain")
            b.key("Escape")
    b.look(1000, 1400, "dark", media="print")
    b.run("dispatchEvent(new Event('beforeprint'))")
    require(b.run("!document.querySelector('[data-figure]:is(.used, .result, .later):not(.key *)')"),
            "the marks of one step are printed")
    hidden = b.run("[...document.querySelectorAll('.step, .chain:not(#chain-none)')].filter(e => !tools.shown(e)).length")
    require(hidden == 0, f"{hidden} steps or chain rules are not printed")
    require(b.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)", "print is not light")
    b.picture(folder, "print", whole=True)
    b.run("dispatchEvent(new Event('afterprint'))")
    b.look(1280, 720)
    wrong = b.run("tools.marks()")
    require(not wrong, "after printing: " + wrong)
    return worst


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("page", type=pathlib.Path)
    arguments.add_argument("--screenshots", type=pathlib.Path)
    arguments.add_argument("--weight", help="the edge to click; default: the first with a chain rule")
    arguments.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome"))
    arguments.add_argument("--timeout", type=float, default=240, help="seconds for everything")
    given = arguments.parse_args()
    browser = None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that an outer timeout, too, ends our chromium
    try:
        require(given.chromium, "chromium is not installed")
        require(given.page.is_file(), f"{given.page} does not exist")
        if given.screenshots:
            given.screenshots.mkdir(parents=True, exist_ok=True)
        url = "file://" + quote(str(given.page.resolve()))
        browser = Browser(given.chromium, given.timeout)
        browser.start()
        check_without_scripts(browser, url, given.screenshots)
        browser.look(1280, 720)
        browser.load(url)
        browser.run(TOOLS)
        name = given.weight or browser.run("[...document.querySelectorAll('.edge')].find(e => "
                                           "document.getElementById('chain-' + e.dataset.chain))?.dataset.chain")
        require(name, "no edge of the drawing has a chain rule")
        count = check_steps(browser, given.screenshots)
        check_chain(browser, name, given.screenshots)
        chains = check_all_chains(browser)
        check_keyboard(browser, name, url)
        worst = check_looks(browser, url, given.screenshots, name)
        browser.load(url + "#step-2")
        browser.run(TOOLS)
        require(browser.run("tools.at()") == 1, "the address #step-2 does not open step 2")
        browser.load(url + "#chain-" + quote(name, safe="-._~,"))
        browser.run(TOOLS)
        require(browser.run("tools.chain()"), "the address of a chain rule does not open it")
        require(not browser.errors, browser.errors[0].splitlines()[0] if browser.errors else "")
    except (Failure, OSError) as reason:
        print(f"{given.page}: FAILED: {reason}")
        return 1
    finally:
        if browser:
            browser.close()
    print(f"{given.page}: {count} steps, {chains} chain rules, least contrast {worst:.2f}; all as it should be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
