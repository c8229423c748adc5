import HTTP
package import Untrusted

/// A variable part of an operation's path, by its documented name.
package enum PathParameter: String, Sendable, CaseIterable {
    /// The installation, `icfg_…`.
    case integrationConfigurationId
    case memberId
    case invoiceId
    /// The partner's own id.
    case resourceId
    /// The partner's own id or slug.
    case integrationProductIdOrSlug
    case itemId
    /// The slug of an organization at the other vendor's checkout.
    case org

    /// The ids that the marketplace makes have letters, digits, `_` and `-`; those that partners choose, all that stands
    /// for itself in a path. Neither has a byte that needs percent-encoding, so no id can be read as another path.
    private var allowed: ByteSet {
        switch self {
        case .integrationConfigurationId, .memberId, .invoiceId, .org: .unreserved.subtracting(".~")
        case .resourceId, .integrationProductIdOrSlug, .itemId: PathParameter.partnerBytes
        }
    }

    private static let partnerBytes = ByteSet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:@")

    /// In bytes. The items' ids may be longer by the reference (1024), but not in an address.
    package static let maximumLength = 256

    func read(_ text: UntrustedText) throws(FieldError) -> String {
        guard (1...Self.maximumLength).contains(text.count), allowed.containsAll(text.bytes[...]),
            // The two segments that every URL parser resolves (RFC 3986 section 5.2.4).
            !text.equals("."), !text.equals("..")
        else {
            throw FieldError(rawValue, .rule("must be an identifier of 1 to \(Self.maximumLength) plain characters"))
        }
        return text.string
    }
}

/// Values of a path's parameters, each one checked.
package struct PathParameters: Sendable, Equatable {
    private var values: [PathParameter: String] = [:]

    package init(_ pairs: [PathParameter: UntrustedText] = [:]) throws(FieldError) {
        // In a fixed order, so that the same fault is reported each time.
        for parameter in PathParameter.allCases {
            if let text = pairs[parameter] { values[parameter] = try parameter.read(text) }
        }
    }

    package subscript(parameter: PathParameter) -> String? { values[parameter] }

    fileprivate mutating func read(_ parameter: PathParameter, _ text: UntrustedText) throws(FieldError) {
        values[parameter] = try parameter.read(text)
    }
}

/// The path of an operation: `/v1/installations/{integrationConfigurationId}/billing`.
package struct PathPattern: Sendable {
    enum Segment: Sendable, Equatable {
        case literal(UntrustedText)
        case parameter(PathParameter)
    }

    /// As the reference writes it.
    package let text: String
    let segments: [Segment]

    init(_ text: StaticString) {
        self.text = "\(text)"
        segments = UntrustedText(self.text).split(at: "/").dropFirst().map { segment in
            guard segment.hasPrefix("{") else { return .literal(segment) }
            let name = UntrustedText(checked: Array(segment.bytes.dropFirst().dropLast()))
            guard let parameter = PathParameter(name) else { preconditionFailure("No parameter \(name).") }
            return .parameter(parameter)
        }
    }

    package var parameters: [PathParameter] {
        segments.compactMap { if case .parameter(let parameter) = $0 { parameter } else { nil } }
    }

    /// Whether a path, percent-encoding kept, has this form, whatever stands at its parameters.
    func fits(_ path: [UntrustedText]) -> Bool {
        guard path.count == segments.count else { return false }
        return zip(path, segments).allSatisfy { segment, expected in
            if case .literal(let literal) = expected { segment == literal } else { true }
        }
    }

    /// The parameters of a path that fits.
    func read(_ path: [UntrustedText]) throws(FieldError) -> PathParameters {
        var values = try PathParameters()
        for (segment, expected) in zip(path, segments) {
            if case .parameter(let parameter) = expected { try values.read(parameter, segment) }
        }
        return values
    }

    /// The path with its parameters in it.
    func fill(_ values: PathParameters) throws(FieldError) -> String {
        var path = ""
        for segment in segments {
            switch segment {
            case .literal(let literal): path += "/\(literal.string)"
            case .parameter(let parameter):
                guard let value = values[parameter] else { throw FieldError(parameter.rawValue, .missing) }
                path += "/\(value)"
            }
        }
        return path
    }
}
