import HTML
import JOSE
import OpenSSLCrypto

enum DashboardStyle {
    /// Allows this one style in the page, without `unsafe-inline` (CSP level 3, section 6.7.3.3).
    static let hash = "sha256-\(Base64URL.encode(SHA256.hash(css.bytes)))="

    static let css: HTML = """
        :root { color-scheme: light dark; --ink: light-dark(#17181c, #eef0f4); --soft: light-dark(#5c6473, #a0a8b6);
          --line: light-dark(#e2e4e9, #2a2e37); --edge: light-dark(#858d9b, #6d7686); --ground: light-dark(#f7f7f9, #0d0e11); --paper: light-dark(#fff, #16181d);
          --accent: light-dark(#0b7a6b, #4fd1bd); --on-accent: light-dark(#fff, #06231f);
          --warn: light-dark(#fff4e0, #33260d); --warn-line: light-dark(#eccb8d, #6b5120); }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        header { display: flex; align-items: center; gap: .55rem; padding: .9rem 1.5rem; border-bottom: 1px solid var(--line);
          background: var(--paper); font-weight: 650; }
        .logo { width: 1rem; height: 1rem; border: 3px solid var(--accent); border-radius: 50%; }
        .tag { padding: .05rem .5rem; border: 1px solid var(--line); border-radius: 99px; color: var(--soft);
          font-size: .75rem; font-weight: 500; }
        main { max-width: 56rem; margin: 0 auto; padding: 2rem 1.5rem 3rem; }
        section { margin-bottom: 2rem; }
        .head, .banner { display: flex; justify-content: space-between; align-items: center; gap: 1rem; flex-wrap: wrap; }
        * + .head { margin-top: 3rem; padding-top: 2rem; border-top: 1px solid var(--line); }
        .banner { padding: .7rem 1.5rem; background: var(--warn); border-bottom: 1px solid var(--warn-line); }
        .banner p { margin: 0; }
        h1 { margin: .1rem 0; font-size: 2rem; line-height: 1.2; letter-spacing: -.02em; }
        h2 { margin: 0 0 .6rem; font-size: .95rem; }
        .soft, .eyebrow, small { margin: 0; color: var(--soft); } small { display: block; font-size: .82rem; }
        code { font: .88em ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
        a { color: inherit; text-decoration: none; }
        .open, .primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
        .open { padding: .7rem 1.2rem; border-radius: 9px; white-space: nowrap; } .open:hover, .primary:hover { text-decoration: underline; }
        .people { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: .7rem; }
        .person { display: flex; align-items: center; gap: .8rem; padding: .8rem 1rem; border: 1px solid var(--edge);
          border-radius: 10px; background: var(--paper); }
        .person:hover { border-color: var(--ink); }
        .person[aria-current] { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
        .initial { display: grid; place-items: center; width: 2.2rem; height: 2.2rem; border-radius: 50%;
          background: var(--ground); border: 1px solid var(--line); color: var(--soft); font-weight: 600; }
        ul, dl { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: 10px;
          background: var(--paper); }
        li, dl > div { display: flex; justify-content: space-between; align-items: center; gap: .6rem 1rem; flex-wrap: wrap;
          padding: .75rem 1rem; }
        li + li, dl > div + div { border-top: 1px solid var(--line); }
        dt { min-width: 8.5rem; } dt code { color: var(--soft); } dd { margin: 0; flex: 1; } dd nav { justify-content: flex-start; }
        dd form { margin: 0; }
        li nav, dd nav { display: flex; gap: .4rem; flex-wrap: wrap; }
        .go, button, select, input { padding: .4rem .75rem; border: 1px solid var(--edge); border-radius: 7px;
          background: var(--paper); color: inherit; font: inherit; font-size: .87rem; }
        input, select, button { height: 2.2rem; } button, select { cursor: pointer; } .go:hover, button:hover { border-color: var(--ink); }
        .primary { background: var(--accent); color: var(--on-accent); border-color: var(--accent); }
        a:focus-visible, button:focus-visible, select:focus-visible, input:focus-visible, summary:focus-visible {
          outline: 3px solid var(--accent); outline-offset: 2px; }
        .faults { margin-top: 3rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
        .forms, .forms form { display: flex; align-items: end; gap: .6rem; flex-wrap: wrap; }
        .forms { justify-content: space-between; margin: .9rem 0; }
        label { display: grid; gap: .15rem; color: var(--soft); font-size: .8rem; } label > * { color: var(--ink); }
        details { padding: .6rem 1rem; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); }
        summary { cursor: pointer; font-size: .9rem; } table { width: 100%; margin: .9rem 0; border-collapse: collapse;
          font-size: .87rem; } caption { padding-bottom: .3rem; text-align: start; font-weight: 600; }
        th, td { padding: .25rem 0; padding-inline-end: .5rem; border-top: 1px solid var(--line); text-align: start; font-weight: 400;
          vertical-align: top; } th { width: 14rem; }
        #billing > * + * { margin-top: .7rem; } .counts { margin-top: .9rem; font-size: .82rem; }
        @media (max-width: 40rem) { .open { flex: 1 0 100%; text-align: center; } dd { flex: 1 0 100%; } th, td { display: block; width: auto; }
          td { border: 0; padding-top: 0; } }
        """
}
