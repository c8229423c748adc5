import Gateway

/// The file's small sections: `session`, `members`, `login`, `log`, `connections`.
enum ReadSections {
    static func session(_ section: MappingReader) -> SessionLifetimes {
        var lifetimes = SessionLifetimes()
        if let idle = section.value("idle", "a duration from 1m to 24h", Units.seconds(60...86_400)) {
            lifetimes.idle = idle
        }
        if let absolute = section.value("absolute", "a duration from 1m to 7d", Units.seconds(60...604_800)) {
            lifetimes.absolute = absolute
        }
        if lifetimes.idle > lifetimes.absolute { section.missing("idle", "must not be longer than session.absolute") }
        section.finish()
        return lifetimes
    }

    static func members(_ section: MappingReader) -> MemberSettings {
        var members = MemberSettings()
        if let refresh = section.value("refresh", "a duration from 10s to 24h", Units.seconds(10...86_400)) {
            members.refresh = refresh
        }
        if let age = section.value("max_age", "a duration from 10s to 7d", Units.seconds(10...604_800)) {
            members.maximumAge = age
        }
        let policy = section.value(
            "when_unavailable", "`keep` or `refuse`", MemberSettings.WhenUnavailable.init(rawValue:))
        if members.refresh > members.maximumAge {
            section.missing("refresh", "must not be longer than members.max_age")
        }
        section.finish()
        members.whenUnavailable = policy ?? .keep
        return members
    }

    static func login(_ section: MappingReader) -> LoginSettings {
        let confirm = section.value(
            "confirm", "`switch` or `always`", LoginSettings.ConfirmLogin.init(rawValue:))
        let withoutStore = section.value(
            "when_store_unavailable", "`refuse` or `continue`", LoginSettings.WhenStoreUnavailable.init(rawValue:))
        section.finish()
        return LoginSettings(confirm: confirm ?? .whenSwitching, whenStoreUnavailable: withoutStore ?? .refuse)
    }

    static func log(_ section: MappingReader) -> DecisionSampling {
        let decisions = section.value(
            "decisions", "`none`, `all` or a share such as `1/100`, at most one in a million", DecisionSampling.init)
        section.finish()
        return decisions ?? .none
    }

    static func connections(_ section: MappingReader) -> Configuration.ConnectionLimits {
        var limits = Configuration.ConnectionLimits()
        let count: (String) -> Int? = { Int($0).flatMap { (1...100_000).contains($0) ? $0 : nil } }
        if let total = section.value("total", "a number from 1 to 100000", count) { limits.total = total }
        if let each = section.value("per_address", "a number from 1 to 100000", count) { limits.perAddress = each }
        section.finish()
        return limits
    }
}
