/// The hosts for which decisions are made: the public one and those that rules name. Another host means that a proxy accepts
/// requests for sites that it does not serve.
struct KnownHosts: Sendable {
    private let names: [[UInt8]]

    init(_ settings: DecisionSettings) {
        let hosts = [settings.publicOrigin.host] + settings.rules.rules.compactMap(\.host)
        names = hosts.map { Array($0.utf8) }
    }

    /// `host`: in canonical form.
    func contains(_ host: ArraySlice<UInt8>) -> Bool { names.contains { $0.elementsEqual(host) } }
}
