import HTML

/// The dashboard's form for faults, and the banner that shows the current one.
struct FaultPanel {
    let fault: StandInFault
    let times: Int?
    /// In milliseconds.
    let delay: Int
    /// The user id of the dashboard to return to.
    let user: String?
    let counters: StandInState.Counters

    var banner: HTML {
        guard fault != .none else { return "" }
        let often: HTML = times.map { $0 == 1 ? " Once more." : " \($0) more times." } ?? ""
        return """
            <div class="banner" role="status"><p><b><code>\(fault.rawValue)</code></b> \(fault.explanation)\(often)</p>
            <form method="post" action="/stand-in/faults">\(own)<input type="hidden" name="fault" value="none">\
            <button>Make it right</button></form></div>
            """
    }

    var html: HTML {
        """
        <section class="faults" id="faults"><h2>What should go wrong?</h2>
        <p class="soft">One thing at a time, for everyone who logs in, until it is set back to <code>none</code>.</p>
        <div class="forms"><form method="post" action="/stand-in/faults">\(own)
        <label>Fault <select name="fault">\(StandInFault.Surface.allCases.map(options))</select></label>
        <label>Times <input name="times" inputmode="numeric" pattern="[0-9]*" size="6" placeholder="always"></label>
        <label>Delay in ms <input name="delay_ms" inputmode="numeric" pattern="[0-9]*" size="6" value="\(delay)"></label>
        <button class="primary">Set</button></form>
        <form method="post" action="/stand-in/keys/rotate">\(own)<button>Rotate the signing keys</button></form></div>
        <details><summary>All \(StandInFault.allCases.count) by name</summary>
        \(StandInFault.Surface.allCases.map(table))</details>
        <p class="soft counts">\(counters.codes) codes made · \(counters.exchanges) exchanges · \
        \(counters.keyFetches) key fetches · \(counters.memberLookups) member look-ups · \
        \(counters.accountLookups) account look-ups</p></section>
        """
    }

    /// Returns the browser to the same member.
    private var own: HTML {
        user.map { #"<input type="hidden" name="user" value="\#($0)">"# } ?? ""
    }

    private func options(_ surface: StandInFault.Surface) -> HTML {
        let options = faults(surface).map { candidate -> HTML in
            let selected: HTML = candidate == fault ? " selected" : ""
            return "<option\(selected)>\(candidate.rawValue)</option>"
        }
        return surface == .nowhere ? "\(options)" : #"<optgroup label="\#(title(surface))">\#(options)</optgroup>"#
    }

    private func table(_ surface: StandInFault.Surface) -> HTML {
        guard surface != .nowhere else { return "" }
        let rows = faults(surface).map { fault -> HTML in
            "<tr><th scope=\"row\"><code>\(fault.rawValue)</code></th><td>\(fault.explanation)</td></tr>"
        }
        return "<table><caption>\(title(surface))</caption><tbody>\(rows)</tbody></table>"
    }

    private func faults(_ surface: StandInFault.Surface) -> [StandInFault] {
        StandInFault.allCases.filter { $0.surface == surface }
    }

    private func title(_ surface: StandInFault.Surface) -> String {
        switch surface {
        case .nowhere: "Nothing"
        case .tokenEndpoint: "The exchange"
        case .authorization: "The authorization endpoint"
        case .discovery: "Discovery"
        case .keys: "The key set"
        case .members: "The look-ups"
        case .api: "The other operations"
        case .token: "The id_token"
        }
    }
}
