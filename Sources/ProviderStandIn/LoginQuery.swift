import HTTP
import SecretMemory
import Untrusted

/// The query of an address that starts a login: the parameters that the stand-in reads, and those for the partner.
///
/// The partner's parameters are copied byte by byte, so that a test can send everything that a browser could.
struct LoginQuery {
    /// A parameter that the stand-in reads occurs twice or cannot be decoded.
    struct Unreadable: Error {}

    private var own: [String: String] = [:]
    /// The partner's parameters, unchanged.
    let copied: [String]

    /// `names` are read and not copied, nor are the parameters that the stand-in adds.
    init(_ query: SecretBytes?, reading names: Set<String>) throws(Unreadable) {
        var copied: [String] = []
        let text = query?.exposedText?.string ?? ""
        for piece in text.split(separator: "&") {
            let name = piece.prefix { $0 != "=" }
            let plain = (try? PercentEncoding.decode(Array(name.utf8))).map { String(decoding: $0, as: UTF8.self) }
            if let plain, names.contains(plain) {
                guard own[plain] == nil, let form = try? FormParameters(SecretBytes(piece.utf8)),
                    case .one(let value) = form.lookUp(UntrustedText(plain))
                else { throw Unreadable() }
                own[plain] = value.exposedText?.string
            } else if plain.map({ !["mode", "code", "state"].contains($0) }) ?? true {
                copied.append(String(piece))
            }
        }
        self.copied = copied
    }

    /// The value of a parameter that the stand-in reads; nil also where it is empty.
    subscript(name: String) -> String? {
        own[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
