import HTTP
import Untrusted

/// Which requests the controls answer. Any web page can post a form to this machine's ports, also under its own name, which it
/// then lets name this machine (DNS rebinding). Programs send neither `Origin` nor `Sec-Fetch-Site`, and may use any name.
enum ControlAccess {
    /// Why the request is refused; nil for a permitted one.
    static func refusal(of request: HTTPRequest) -> String? {
        let (origin, site) = (request.headers.lookUp(.origin), request.headers.lookUp(.secFetchSite))
        guard [.absent, .one("none"), .one("same-origin")].contains(site) else {
            return "A page of another site must not use the stand-in's controls."
        }
        // A browser always sends it with a POST (Fetch standard, section 3.2).
        guard origin != .absent else { return nil }
        guard case .one(let host) = request.headers.lookUp(.host),
            origin == .one(UntrustedText("http://" + host.string))
        else {
            return "A page of another origin must not use the stand-in's controls."
        }
        guard isLocal(host.string) else {
            return "A page may use the stand-in's controls only under localhost or an IP address."
        }
        return nil
    }

    /// A page cannot choose what these names mean.
    private static func isLocal(_ host: String) -> Bool {
        let bytes = Array(host.utf8)
        if bytes.first == UInt8(ascii: "["), let end = bytes.firstIndex(of: UInt8(ascii: "]")) {
            return isAddress(bytes[1..<end])
        }
        let name = bytes.prefix { $0 != UInt8(ascii: ":") }
        return name.elementsEqual("localhost".utf8) || isAddress(name)
    }

    private static func isAddress(_ text: ArraySlice<UInt8>) -> Bool {
        IPAddress(String(decoding: text, as: UTF8.self)) != nil
    }
}
