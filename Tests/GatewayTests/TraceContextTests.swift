import HTTP
import Testing

@testable import Gateway

/// W3C Trace Context, level 1.
@Suite struct TraceContextTests {
    static let valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func `a traceparent of version 00 is taken as it is`() {
        #expect(TraceContext(["traceparent": Self.valid])?.traceparent == Self.valid)
        #expect(TraceContext(["TraceParent": Self.valid])?.traceparent == Self.valid)
    }

    @Test(arguments: [
        "", "00", "01" + valid.dropFirst(2), "ff" + valid.dropFirst(2), valid + "-", valid + "0",
        String(valid.dropLast()),
        valid.uppercased(), valid.replacing("-", with: "_"), " " + valid.dropFirst(),
        valid.replacing("b7ad", with: "b7ag"),
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319cb-7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-é",
    ])
    func `any other text is ignored`(_ text: String) {
        #expect(TraceContext(["traceparent": text]) == nil)
    }

    @Test func `two headers are ignored`() {
        #expect(TraceContext(["traceparent": Self.valid, "Traceparent": Self.valid]) == nil)
    }

    @Test func `the answer and its later work are within the trace of the request`() async {
        let request = TestWorld.request("/", headers: ["traceparent": Self.valid])
        var atOnce: String?
        let answer = TraceContext.follow(request) {
            atOnce = TraceContext.current?.traceparent
            return .later { HTTPResponse(.ok, text: TraceContext.current?.traceparent ?? "none") }
        }
        #expect(atOnce == Self.valid && TraceContext.current == nil)
        guard case .later(let work) = answer else {
            Issue.record("the answer is not ready yet")
            return
        }
        let response = await work()
        #expect(String(decoding: response.body, as: UTF8.self) == Self.valid)
    }
}

/// When `/ready` says that the marketplace fails.
@Suite struct UpstreamHealthTests {
    @Test func `three failures in a row of one kind count, for five minutes`() {
        let health = UpstreamHealth()
        for _ in 0..<2 { health.failed("exchange", now: 100) }
        health.failed("keys", now: 100)
        #expect(!health.isFailing(now: 100))
        health.failed("exchange", now: 110)
        #expect(health.isFailing(now: 110) && health.isFailing(now: 409))
        #expect(!health.isFailing(now: 410))
    }

    @Test func `one success of the same kind ends it`() {
        let health = UpstreamHealth()
        for _ in 0..<3 { health.failed("exchange", now: 100) }
        health.succeeded("keys")
        #expect(health.isFailing(now: 100))
        health.succeeded("exchange")
        #expect(!health.isFailing(now: 100))
    }
}
