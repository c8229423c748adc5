import JOSE
import Testing

/// Each text has one duplicate name; the parser says where, and this where that is.
@Suite struct `The path of a fault in JSON` {
    @Test(arguments: [
        (#"{"a":1,"a":2}"#, "a"), (#"{"a":{"b":[]},"c":{"b":1,"b":2}}"#, "c.b"),
        (#"{"billing":[{"start":1},{"x":[[],[1,2]],"start":1,"start":2}]}"#, "billing[1].start"),
        (#"[[1,2],[{"a":"}]\"","\u0061":1}]]"#, "[1][0].a"), (#"[0,{"a":"{[,","b":1,"b":2}]"#, "[1].b"),
        (#"{"x":{"é ":1,"é ":2}}"#, "x.é "), ("{\"\u{202e}x\":1,\"\u{202e}x\":2}", "x"),
    ])
    func `names the field`(_ text: String, _ path: String) {
        let bytes = Array(text.utf8)
        do {
            _ = try JSONValue.parse(bytes)
            Issue.record("no duplicate")
        } catch {
            guard case .duplicateName(let offset) = error else { Issue.record("\(error)"); return }
            #expect(JSONValue.path(to: offset, in: bytes) == path)
        }
    }

    @Test func `names a field by a readable length of its name`() {
        let name = String(repeating: "n", count: 1000)
        let bytes = Array(#"{"\#(name)":x}"#.utf8)
        #expect(JSONValue.path(to: 1004, in: bytes).utf8.count == 64)
    }

    @Test func `ends wherever the offset or the text does`() {
        let bytes = Array(#"{"a":["b\"#.utf8)
        for offset in 0...20 { _ = JSONValue.path(to: offset, in: bytes) }
        #expect(JSONValue.path(to: 0, in: []) == "")
    }
}
