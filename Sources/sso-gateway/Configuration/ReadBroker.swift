import Gateway
import Marketplace
import MicroHTTPServer
import OpenSSLCrypto
import Untrusted
import Yams

/// The `broker` section: a listener for partners' servers, and the operations that each of them may call.
enum ReadBroker {
    /// Nil without the section or without a valid address.
    static func read(
        _ section: MappingReader, integrations: [String], listeners: [ListenAddress]
    ) -> (settings: BrokerSettings, listen: ListenAddress)? {
        guard section.isPresent else { return nil }
        let listen = section.required("listen", "a loopback `address:port` or `unix:/path`") { text in
            ListenAddress(setting: text).flatMap { $0.isLocal ? $0 : nil }
        }
        if let listen, listeners.contains(where: { $0.overlaps(listen) }) {
            section.missing("listen", "is the address of another listener: each needs one of its own")
        }
        let rate = section.value("rate", "a number of calls per `s`, `m` or `h`, such as `60/m`", rate)
        let clientRate = section.value(
            "client_rate", "a number of calls per `s`, `m` or `h`, such as `1200/m`", Self.rate)
        let isUnix = if case .unix? = listen { true } else { false }
        let clients = clients(section.mapping("clients"), integrations, isUnix: isUnix)
        if clients.isEmpty, !section.list.problems.contains(where: { $0.key.hasPrefix("broker.clients.") }) {
            section.missing("clients", "is missing: at least one client")
        }
        section.finish()
        guard let listen else { return nil }
        return (
            BrokerSettings(
                rate: rate ?? BrokerSettings.usualRate, clientRate: clientRate ?? BrokerSettings.usualClientRate,
                clients: clients), listen
        )
    }

    private static let periods: [(unit: String, seconds: Int64)] = [("s", 1), ("m", 60), ("h", 3600)]

    private static func rate(_ text: String) -> BrokerSettings.Rate? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let calls = Int(parts[0]),
            (1...1_000_000).contains(calls), let period = periods.first(where: { $0.unit == parts[1] })
        else { return nil }
        return BrokerSettings.Rate(calls: calls, period: period.seconds)
    }

    static func text(_ rate: BrokerSettings.Rate) -> String {
        "\(rate.calls)/\(periods.first { $0.seconds == rate.period }?.unit ?? "\(rate.period)s")"
    }

    private static func clients(
        _ map: MappingReader, _ integrations: [String], isUnix: Bool
    ) -> [BrokerSettings.Client] {
        let names = map.remainingNames
        var clients: [BrokerSettings.Client] = []
        for name in names {
            let reader = map.mapping(name)
            if !ReadIntegrations.isName(name) {
                reader.missing("", "must be a name of 1 to 32 letters, digits, `-` and `_`")
            }
            guard let client = client(name, reader, integrations, isUnix: isUnix) else { continue }
            if clients.contains(where: { $0.credential == client.credential }) {
                reader.missing("", "has the token or the user of another client")
            }
            clients.append(client)
        }
        return clients
    }

    private static func client(
        _ name: String, _ reader: MappingReader, _ integrations: [String], isUnix: Bool
    ) -> BrokerSettings.Client? {
        let credential = credential(reader, isUnix: isUnix)
        let operations = operations(reader)
        let allowed = reader.values("integrations", "names of integrations") { text in
            integrations.contains(text) ? text : nil
        }
        if allowed?.isEmpty == true {
            reader.missing("integrations", "must name at least one integration, or be left out for all")
        }
        reader.finish()
        guard let credential, let operations else { return nil }
        return BrokerSettings.Client(
            name: name, credential: credential, operations: operations, integrations: allowed.map(Set.init))
    }

    /// `isUnix`: the listener is a Unix socket, where the kernel names the peer's user.
    private static func credential(_ reader: MappingReader, isUnix: Bool) -> BrokerSettings.Client.Credential? {
        let expected = "the SHA-256 of the client's token, 64 hexadecimal digits"
        let digest = reader.value("token_sha256", expected, isSecret: true, digest)
        let user = reader.value("peer_uid", "a user's number") { UInt32($0).flatMap { $0 == .max ? nil : $0 } }
        switch (digest, user) {
        case (let digest?, nil): return .tokenDigest(digest)
        case (nil, let user?):
            if !isUnix { reader.missing("peer_uid", "needs `broker.listen: unix:/path`") }
            return .peerUser(user)
        case (_?, _?): reader.missing("peer_uid", "is given beside token_sha256: keep one of them")
        case (nil, nil): reader.missing("token_sha256", "is missing: give token_sha256 or peer_uid")
        }
        return nil
    }

    private static func digest(_ text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap(Hexadecimal.value)
        guard digits.count == 64, text.utf8.count == 64 else { return nil }
        let digest = stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        // The digest of an empty token would let a client in without one.
        return digest == SHA256.hash([]) ? nil : digest
    }

    /// A list of names or `all`. A missing key is a problem, because absent never means allowed.
    private static func operations(_ reader: MappingReader) -> Set<APIOperation>? {
        let expected = "a list of operations, such as `[getInvoice]`, or `all`"
        guard let node = reader.take("operations") else {
            reader.missing("operations", "is missing: \(expected)")
            return nil
        }
        guard let sequence = node.sequence else {
            if let text = reader.text(of: node, reader.path("operations")) {
                if text == "all" { return Set(APIOperation.partners) }
                reader.list.add(node, reader.path("operations"), "must be \(expected)")
            }
            return nil
        }
        var operations: Set<APIOperation> = []
        for item in sequence {
            guard let name = reader.text(of: item, reader.path("operations")) else { continue }
            guard let operation = APIOperation.named(name), APIOperation.partners.contains(operation) else {
                let names = Set(APIOperation.partners.map(\.name))
                let hint = ClosestName.to(name, among: Array(names)).map { "; did you mean `\($0)`?" } ?? ""
                reader.list.add(item, reader.path("operations"), "is not an operation of the broker\(hint)")
                continue
            }
            operations.insert(operation)
        }
        if sequence.isEmpty { reader.missing("operations", "must name at least one operation") }
        return operations
    }
}
