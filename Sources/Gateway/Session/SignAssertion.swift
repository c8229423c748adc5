import JOSE
import Untrusted

/// Signs assertions for the app behind the proxy and for the partner's hook.
extension KeyRing.Key {
    /// A JWT (RFC 7519) with ES256. Empty texts are left out.
    func assertion(_ texts: [(String, String)], _ times: [(String, Int64)]) -> String {
        let claims = JSONObject(
            texts.filter { !$0.1.isEmpty }.map { (name: UntrustedText($0.0), value: JSONValue.string($0.1)) }
                + times.map { (name: UntrustedText($0.0), value: JSONValue.integer($0.1)) })
        return SignJWS.text(payload: claims, keyID: id, with: .ec(assertionKey), by: .es256)
    }
}
