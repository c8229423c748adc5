import HTML

enum DashboardStyle {
    static let css: HTML = """
        :root { color-scheme: light dark; --ink: light-dark(#111318, #f0f2f6); --soft: light-dark(#667080, #97a0b0);
          --line: light-dark(#e4e6eb, #262a33); --ground: light-dark(#fafafb, #0c0d10); --paper: light-dark(#fff, #14161b);
          --accent: light-dark(#6b3df5, #a78bfa); }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        header { padding: 1rem 1.5rem; border-bottom: 1px solid var(--line); background: var(--paper); font-weight: 650; }
        .logo { color: var(--accent); } .tag { margin-left: .4rem; padding: .1rem .5rem; border: 1px solid var(--line);
          border-radius: 99px; color: var(--soft); font-size: .75rem; font-weight: 500; }
        main { max-width: 54rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; }
        section { margin-bottom: 2rem; } .head { display: flex; justify-content: space-between; align-items: center; gap: 1rem; flex-wrap: wrap; }
        h1 { margin: .1rem 0; font-size: 2rem; letter-spacing: -.02em; } h2 { font-size: .95rem; margin: 0 0 .6rem; }
        .eyebrow, .soft, small { color: var(--soft); margin: 0; } small { display: block; font-size: .82rem; font-weight: 400; }
        code { font: .88em ui-monospace, Menlo, Consolas, monospace; }
        a { color: inherit; text-decoration: none; }
        .open { padding: .7rem 1.2rem; border-radius: 9px; background: var(--ink); color: var(--paper); font-weight: 600; }
        .people { display: flex; gap: .7rem; flex-wrap: wrap; }
        .person { flex: 1 1 14rem; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); }
        .person.current { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
        ul { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); }
        li { display: flex; justify-content: space-between; align-items: center; gap: 1rem; padding: .8rem 1rem; flex-wrap: wrap; }
        li + li { border-top: 1px solid var(--line); }
        nav { display: flex; gap: .4rem; flex-wrap: wrap; }
        nav a, button, select { padding: .4rem .75rem; border: 1px solid var(--line); border-radius: 7px; background: var(--paper);
          color: inherit; font: inherit; font-size: .87rem; cursor: pointer; }
        nav a:hover, button:hover { border-color: var(--soft); } a:focus-visible, button:focus-visible, select:focus-visible {
          outline: 3px solid var(--accent); outline-offset: 2px; }
        .faults { padding-top: 1.5rem; border-top: 1px solid var(--line); } .faults div, .faults form { display: flex; gap: .5rem; flex-wrap: wrap; }
        .faults div { margin-top: .8rem; gap: 1rem; }
        """
}
