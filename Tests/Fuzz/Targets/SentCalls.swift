import HTTP
import JOSE
import Marketplace
import SecretMemory
import Untrusted

/// A call of the marketplace's API as a partner's server sends it: a line with method and target, then the body. What is
/// accepted must go out at exactly that address, with a body that is read as the same again.
enum SentCalls {
    static func send(_ bytes: [UInt8]) {
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2, let method = Self.method(words[0]),
            let target = try? RequestTarget(SecretBytes(Array(words[1]))),
            case .operation(let operation, let parameters) = APIOperation.match(
                method, target.rawPath, among: APIOperation.all)
        else { return }
        let body = SecretBytes(Array(bytes.dropFirst(line.count + 1)))
        guard let call = try? operation.call(parameters, query: target.query, body: body) else { return }
        let request = call.request(apiURL: "", token: SecretBytes("t"), timeout: .seconds(1))
        let path = request.url.split(separator: "?", omittingEmptySubsequences: false)[0]
        precondition(target.rawPath.equals(String(path)) && request.method == method)
        precondition(request.url.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "%") })
        guard let sent = request.body else { return }
        guard let again = try? operation.call(parameters, query: target.query, body: sent) else {
            preconditionFailure("\(operation.name) is not read again")
        }
        precondition(again.body?.encoded.exposedBytes == sent.exposedBytes)
        _ = try? call.check(LocalRules(), now: ISOTime(seconds: 1_800_000_000))
    }

    private static func method(_ name: ArraySlice<UInt8>) -> HTTPMethod? {
        let bytes = Array(name)
        return HTTPMethod(bytes.span)
    }
}
