import HTTP
import Untrusted

/// The caller's place in a distributed trace (<https://www.w3.org/TR/trace-context-1/#traceparent-header>). It is passed on
/// unchanged, because the gateway makes no spans of its own.
package struct TraceContext: Sendable, Equatable {
    /// Of the request that the current task answers; nil for a request without a valid `traceparent`.
    @TaskLocal package static var current: TraceContext?

    /// Version, trace id, parent id and flags, in lower-case hexadecimal.
    package let traceparent: String

    private static let count = 55
    private static let hyphens = [2, 35, 52]

    /// Nil unless there is exactly one `traceparent` of version 00.
    init?(_ headers: HTTPHeaders) {
        guard headers.has(.traceparent), case .one(let value) = headers.lookUpBytes(.traceparent) else { return nil }
        self.init(Array(value))
    }

    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.count, bytes.starts(with: "00-".utf8) else { return nil }
        for (place, byte) in bytes.enumerated() {
            let isHyphen = byte == UInt8(ascii: "-")
            let isDigit = (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
            guard Self.hyphens.contains(place) ? isHyphen : isDigit else { return nil }
        }
        let isZero = { (id: ArraySlice<UInt8>) in id.allSatisfy { $0 == UInt8(ascii: "0") } }
        guard !isZero(bytes[3..<35]), !isZero(bytes[36..<52]) else { return nil }
        traceparent = String(decoding: bytes, as: UTF8.self)
    }

    /// Answers `request` within its trace, and the work that the answer needs.
    static func follow(_ request: HTTPRequest, _ answer: () -> HTTPAnswer) -> HTTPAnswer {
        guard let trace = TraceContext(request.headers) else { return answer() }
        switch $current.withValue(trace, operation: answer) {
        case .now(let response): return .now(response)
        case .later(let work): return .later { await $current.withValue(trace) { await work() } }
        }
    }
}
