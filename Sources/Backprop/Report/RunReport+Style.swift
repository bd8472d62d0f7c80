extension RunReport {
  /// The look, light and dark; print is light.
  static let style = """
    :root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--line:#d0d7de;
    --c1:#0969da;--c2:#bc4c00;--c3:#1a7f37;--c4:#8250df;--c5:#9a6700;--c6:#bf3989;
    --hit:#1a7f37;--miss:#cf222e}
    @media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b1;--paper:#0d1117;
    --line:#30363d;--c1:#58a6ff;--c2:#f0883e;--c3:#3fb950;--c4:#bc8cff;--c5:#d29922;--c6:#f778ba;
    --hit:#3fb950;--miss:#f85149}}
    .scroll{overflow-x:auto}
    @media print{:root{color-scheme:light;--ink:#000;--soft:#444;--paper:#fff;--line:#bbb;
    --c1:#0969da;--c2:#bc4c00;--c3:#1a7f37;--c4:#8250df;--c5:#9a6700;--c6:#bf3989;
    --hit:#1a7f37;--miss:#cf222e}
    *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
    main{font-size:12px}.scroll{overflow:visible;break-inside:avoid}
    figure,tr{break-inside:avoid}h2,caption,thead{break-after:avoid}details{display:none}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
    main{max-width:56rem;margin:0 auto;padding:2rem 1rem}
    h1{font-size:1.6rem;margin:0 0 .5rem;overflow-wrap:anywhere}
    h2{font-size:1.2rem;margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line)}
    p{margin:.2rem 0}.result{font-size:1.1rem}
    .baseline,figcaption,caption,summary{color:var(--soft)}
    table{border-collapse:collapse;margin:.6rem 0 1.2rem}
    caption{text-align:left;padding:.25rem 0}
    th,td{padding:.2rem 1.4rem .2rem 0;text-align:left;border-bottom:1px solid var(--line);
    vertical-align:top}
    td:last-child{overflow-wrap:anywhere}tr>:last-child{padding-right:0}
    th{font-weight:600;white-space:nowrap}
    .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    figure{margin:1rem 0}figcaption{font-size:.9rem}
    svg{display:block;width:100%;height:auto;font:13px system-ui,sans-serif}
    svg text{fill:var(--ink)}svg .soft{fill:var(--soft)}
    svg .end{text-anchor:end}svg .mid{text-anchor:middle}svg .on{fill:var(--paper)}
    .grid{stroke:var(--line);stroke-width:.7}.mark{stroke:var(--soft);stroke-dasharray:4 3}
    polyline{fill:none;stroke-width:2;stroke-linejoin:round}line.c1,line.c2,line.c3,line.c4,line.c5,line.c6{stroke-width:2}
    .c3{stroke:var(--c3)}.c4{stroke:var(--c4)}.c5{stroke:var(--c5)}.c6{stroke:var(--c6)}
    .c1{stroke:var(--c1)}.c2{stroke:var(--c2)}.dot{fill:var(--c1);fill-opacity:.55}
    .hit{fill:var(--hit)}.miss{fill:var(--miss)}
    """
}
