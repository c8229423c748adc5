import Gateway
import HTTP
import JOSE
import Marketplace
import Untrusted

/// The issuer's keys, and this machine's clock.
extension LiveCheck {
    func checkKeys(_ integration: IntegrationSettings, _ note: Note) async {
        let watched = WatchedClient(client)
        let before = clock.unixSeconds()
        let answer = await KeySetSource(
            url: integration.jwksURL, client: watched, algorithms: integration.algorithms, timeout: Self.timeout
        ).fetch()
        guard Self.noteReached("jwks_url", integration.jwksURL, watched.last, note) != nil else { return }
        switch answer {
        case .success(let (set, _)): note("keys", .ok, Self.text(set, integration.algorithms))
        case .failure(.noUsableKey):
            let names = integration.algorithms.map(\.name).sorted().joined(separator: ", ")
            note("keys", .failed, "the set has no usable key for \(names)")
        case .failure(let failure): note("keys", .failed, failure.explanation)
        }
        noteClock(integration, watched.last.headers, between: before, and: clock.unixSeconds(), note)
    }

    private static let mostListed = 8

    private static func text(_ set: JWKSet, _ algorithms: Set<SignatureAlgorithm>) -> String {
        let usable = set.keys.compactMap { key -> String? in
            let names = algorithms.filter { key.fits($0) }.map(\.name).sorted()
            let id = key.keyID.map { String($0.string.prefix(40)) } ?? "(no kid)"
            return names.isEmpty ? nil : "\(id) (\(names.joined(separator: ", ")))"
        }
        let listed = usable.prefix(mostListed).joined(separator: ", ")
        let unlisted = usable.count > mostListed ? " and \(usable.count - mostListed) more" : ""
        let others = set.keys.count - usable.count + set.skipped.count
        return "usable: \(listed)\(unlisted)\(others > 0 ? "; \(others) not usable" : "")"
    }

    /// In seconds.
    private static let largeDifference: Int64 = 30

    /// `before` and `after` the request, in seconds since 1970.
    private func noteClock(
        _ integration: IntegrationSettings, _ headers: HTTPHeaders, between before: Int64, and after: Int64,
        _ note: Note
    ) {
        guard let date = headers["Date"].flatMap(HTTPDate.seconds) else {
            return note("clock", .warning, "not compared: the answer has no Date")
        }
        // A cache answers with the Date of the origin, and with the time since then (RFC 9111 section 5.1).
        let age = headers["Age"].flatMap { UInt32($0) }.map { Int64($0) } ?? 0
        let difference = (before + after) / 2 - (date + age)
        // Date has whole seconds.
        let isWrong = difference.magnitude > max(integration.clockSkew, 1)
        let direction = difference < 0 ? "behind" : "ahead of"
        let message = "this machine is \(difference.magnitude) s \(direction) \(Self.host(integration.jwksURL))"
        if isWrong {
            note("clock", .failed, "\(message), more than clock_skew: tokens are refused; set the clock by NTP")
        } else {
            note("clock", difference.magnitude > Self.largeDifference.magnitude ? .warning : .ok, message)
        }
    }
}
