extension ExplanationPage {
  /// The look: light, dark and print.
  static let style = #"""
    /* Signs: blue solid is positive, orange dashed negative. Marks: yellow underlined is used by the
       step, green boxed is its result, dashed and grey is not computed yet. Never colour alone. */
    :root {
      color-scheme: light dark;
      --ink: #1b1f24; --soft: #57606a; --paper: #fff; --line: #d0d7de; --c1: #0969da; --c2: #bc4c00;
      --panel: #f6f8fa; --use: #ffe58a; --useline: #9a6700; --res: #c4f0ce; --resline: #1a7f37;
      --later: #6a737d;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ink: #e6edf3; --soft: #9da7b1; --paper: #0d1117; --line: #30363d; --c1: #58a6ff; --c2: #f0883e;
        --panel: #161b22; --use: #574500; --useline: #e3b341; --res: #0f5323; --resline: #56d364;
        --later: #848d97;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
    main { max-width: 64rem; margin: 0 auto; padding: .6rem 1rem 2rem; }
    h1 { font-size: 1.4rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
    h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--line); }
    h3 { font-size: 1.1rem; margin: 1.4rem 0 .3rem; overflow-wrap: anywhere; }
    p { margin: .3rem 0; overflow-wrap: anywhere; }
    header p, caption, .soft { color: var(--soft); }
    a { color: var(--c1); }
    code, pre { font-family: ui-monospace, monospace; font-size: .92em; overflow-wrap: anywhere; }
    pre { margin: .5rem 0; padding: .5rem .8rem; background: var(--panel); overflow-x: auto; }
    :focus-visible { outline: 3px solid var(--c1); outline-offset: 2px; }
    .scroll, .formula { overflow-x: auto; }
    .sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }

    /* The drawing. It never shrinks below the min-width it asks for; it scrolls in its box instead. */
    svg { display: block; width: 100%; height: auto; margin: 0 auto; font: 14px system-ui, sans-serif; }
    svg text {
      fill: var(--ink); text-anchor: middle; font-variant-numeric: tabular-nums;
      stroke: var(--paper); stroke-width: 7px; stroke-linejoin: round; paint-order: stroke;
    }
    svg a { text-decoration: none; }
    @media (min-width: 52rem) { #network svg { max-height: max(24rem, 60vh); } } /* leave room for the step */
    svg .name { font-weight: 600; }
    svg .small text { font-size: 12px; }
    svg .unit a text, svg .unit .plain text { stroke: none; }
    svg .head, svg .more, svg .soft { fill: var(--soft); }
    svg circle, svg rect { stroke: var(--soft); stroke-width: 1.5; fill: var(--c1); }
    svg .neg { fill: var(--c2); }
    svg .ring { display: none; fill: none; stroke: var(--resline); stroke-width: 2.5; }
    svg .wire { stroke: var(--line); stroke-width: 2; }
    svg .edge .hit { stroke: transparent; stroke-width: 16; }
    svg .dense .hit { stroke-width: 8; }
    svg .edge .w { stroke: var(--c1); }
    svg .edge .w.neg { stroke: var(--c2); stroke-dasharray: 7 4; }
    svg .labels { pointer-events: none; }
    svg .edge:hover .hit { stroke: var(--line); }
    svg .unit a:hover circle { stroke: var(--c1); stroke-width: 3; }
    svg a:focus-visible { outline: none; }
    svg g .edge:focus-visible .hit.hit { stroke: var(--c1); stroke-opacity: .45; }
    svg .unit a:focus-visible :is(circle, rect):not(.ring) { stroke: var(--c1); stroke-width: 5; }
    svg .flow text { fill: var(--ink); }
    svg .flow path { fill: none; stroke: var(--ink); stroke-width: 2; }
    .js [data-pass="forward"] .flow.back, .js [data-pass="cost"] .flow.back,
    .js [data-pass="backward"] .flow.ahead, .js [data-pass="update"] .flow { opacity: .3; }
    .key { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; font-size: .85rem; color: var(--soft); }
    .key > span { white-space: nowrap; }
    .key .f { margin-right: .1em; }
    .key .line { display: inline-block; width: 1.6rem; margin-right: .4rem; vertical-align: middle;
      border-top: 3px solid var(--c1); }
    .key .line.neg { border-top: 3px dashed var(--c2); }
    :root:not(.js) .if-js { display: none; }

    /* Marks, the same for numbers in tables, formulas and the drawing. */
    .f { padding: 0 .2em; border-radius: 3px; }
    a.f { color: inherit; text-decoration: underline dotted var(--soft); text-underline-offset: 3px; }
    a.f:hover { background: var(--line); }
    .f.later, mn.later { color: var(--later); font-style: italic; }
    .f.used, mn.used { color: var(--ink); background: var(--use); box-shadow: inset 0 -2px var(--useline); }
    .f.result, mn.result { color: var(--ink); background: var(--res); font-weight: 700;
      box-shadow: none; outline: 2px solid var(--resline); }
    .same:is(.f, mn) { outline: 2px solid var(--c1); }
    svg text.later, svg .later > text { fill: var(--later); }
    svg .later > :is(circle, rect) { fill-opacity: 0; stroke: var(--later); stroke-dasharray: 3 3; }
    svg tspan.later { display: none; }
    svg .edge.used .hit { stroke: var(--use); }
    svg .edge.result .hit { stroke: var(--res); }
    /* Among many edges a halo would bury its neighbours; there the other edges step back. */
    svg .dense .edge:is(.used, .result) .hit { stroke: transparent; }
    .js .dense .edge:not(.used, .result, :hover, :focus) .w { opacity: .3; }
    svg text.used { fill: var(--ink); stroke: var(--use); outline: 1px dashed var(--useline); }
    svg text.result { fill: var(--ink); stroke: var(--res); outline: 2px solid var(--resline);
      font-weight: 700; }
    svg .used > :is(circle, rect):not(.ring) { stroke: var(--useline); stroke-width: 4; }
    svg .result > :is(circle, rect) { stroke: var(--resline); stroke-width: 4; stroke-dasharray: none; }
    svg .result > .ring { display: inline; }
    svg text.same, svg .same > .value { text-decoration: underline; font-weight: 700; }
    svg .edge.same .hit { stroke: var(--line); }

    /* The walk-through. */
    .bar { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem; margin: .4rem 0 .2rem; }
    .bar input { flex: 1 1 10rem; min-width: 8rem; height: 2rem; margin: 0 .4rem; accent-color: var(--c1); }
    .bar output { font-variant-numeric: tabular-nums; min-width: 8.2rem; text-align: right; }
    button { font: inherit; color: var(--ink); background: var(--panel); border: 1px solid var(--soft);
      border-radius: 6px; padding: .25rem .7rem; min-height: 2.25rem; cursor: pointer; }
    button:hover { border-color: var(--c1); }
    button[aria-disabled="true"] { color: var(--later); border-style: dashed; cursor: default; }
    .bar .play { min-width: 4.6rem; }
    .passes { display: flex; flex-wrap: wrap; gap: .3rem; margin-bottom: .5rem; font-size: .9rem; }
    .passes button { flex: 1; min-height: 1.8rem; padding: .1rem .5rem; border: 0; border-radius: 0;
      border-bottom: 3px solid var(--line); background: none; color: var(--soft); }
    .passes button[aria-current] { color: var(--ink); font-weight: 700; border-color: var(--c1); }
    @media (min-width: 52rem) { .step .value { float: right; margin: 0 0 0 1rem; } }
    .steps { list-style-position: inside; margin: 0; padding: 0; }
    .step { padding: .7rem 1rem; margin: 0 0 .8rem; border: 1px solid var(--line); border-radius: 8px;
      border-left: 5px solid var(--soft); background: var(--panel); }
    .step h3 { display: inline; font-size: 1.2rem; }
    .step .rule { color: var(--soft); font-size: .95rem; margin-left: .6rem; }
    .step .value { font-size: 1.1rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
    .js .step { display: none; list-style: none; min-height: 12.5rem; scroll-margin: 1rem; }
    .js .step.now { display: block; }
    .js #walk h2, .js #chains { display: none; }

    /* Formulas: one table per formula, aligned at the equals sign. */
    .formula { margin: .5rem 0; padding: .2rem; }
    math { font-size: 1.35rem; font-family: "Latin Modern Math", "STIX Two Math", "Cambria Math",
      "DejaVu Math TeX Gyre", math; }
    math mtable, th math { math-style: normal; }
    math mtd { padding: .35rem .2rem; text-align: left; vertical-align: baseline; white-space: nowrap; }
    math mtd:first-child { text-align: right; }
    .formula math { display: inline math; }
    mn { font-variant-numeric: tabular-nums; border-radius: 3px; }
    mn[data-figure] { padding: .1em .15em; }
    th math { font-size: 1.1rem; }

    /* Tables of numbers. */
    .tables { display: flex; flex-wrap: wrap; gap: 0 3rem; }
    .tables > * { max-width: 100%; }
    table { border-collapse: collapse; margin: .4rem 0 1rem; }
    caption { text-align: left; padding: .2rem 0; font-size: .95rem; max-width: 44rem;
      position: sticky; left: 0; }
    th, td { padding: .25rem 0 .25rem 1.2rem; border-bottom: 1px solid var(--line); text-align: right;
      font-variant-numeric: tabular-nums; white-space: nowrap; }
    th { font-weight: 600; }
    th.t, td.t { text-align: left; white-space: normal; }
    th:first-child, td:first-child { text-align: left; padding-left: 0; }
    tfoot :is(td, th) { border-bottom: 0; border-top: 2px solid var(--soft); font-weight: 600; }

    /* The chain rule of one weight. */
    .chain { border-top: 1px solid var(--line); padding: .2rem 0 1rem; }
    dialog { color: var(--ink); background: var(--paper); border: 1px solid var(--soft); border-radius: 10px;
      width: min(60rem, calc(100vw - 1rem)); max-height: calc(100vh - 2rem); padding: 0 1.4rem 1rem;
      overflow: auto; overscroll-behavior: contain; }
    dialog::backdrop { background: rgb(0 0 0 / .5); }
    dialog .close { position: sticky; top: .8rem; float: right; margin: .8rem 0 0 1rem; }
    dialog .chain { border: 0; }
    dialog h3 { font-size: 1.3rem; padding-top: .2rem; }

    @media (max-width: 40rem) {
      main { padding: .8rem .7rem; }
      math { font-size: 1.1rem; }
      .step { padding: .6rem .7rem; }
      .bar { gap: .3rem; }
      .bar button { flex: 1 0 auto; padding: .2rem .35rem; font-size: .9rem; }
      .bar .play { min-width: 3.8rem; }
      dialog { padding: 0 .8rem .8rem; }
    }
    @media (prefers-reduced-motion: no-preference) {
      .f, mn, svg text, svg line, svg circle, svg rect { transition: fill .2s, stroke .2s, background .2s; }
    }
    @media print {
      :root {
        color-scheme: light; font-size: 75%; --ink: #000; --soft: #444; --paper: #fff; --line: #bbb;
        --c1: #0969da; --c2: #bc4c00; --panel: #fff;
      }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; transition: none !important; }
      .bar, .passes, .if-js { display: none; }
      .js #chains, .js #walk h2 { display: block; }
      .js .step, .js .step.now { display: list-item; list-style: inherit; min-height: 0; }
      .js .flow, .js .dense .w { opacity: 1 !important; }
      .scroll, .formula { overflow: visible; }
      svg { min-width: 0 !important; }
      .step, .chain tr, .formula { break-inside: avoid; }
      h2, h3, caption { break-after: avoid; }
    }
    """#
}
