import HTTP
import Testing

/// A decision asks nobody: this client fails the test that makes it ask.
struct NoClient: HTTPClient {
    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        Issue.record("a decision asked \(request.url)")
        throw .stopped
    }
}

/// Steele, Lea and Flood's generator, so that every run tries the same cases.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
