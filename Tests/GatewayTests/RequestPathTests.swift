import HTTP
import Testing

@testable import Gateway

@Suite struct RequestPathTests {
    @Test(arguments: [
        ("/", "/"), ("/a/b", "/a/b"), ("/a/", "/a/"), ("/a%20b", "/a b"), ("/%C3%A9", "/é"), ("/a?x=/../y", "/a"),
        ("/a?x=%2f%2e%2e", "/a"), ("/a;b=1/c", "/a;b=1/c"), ("/...", "/..."), ("/.well-known/x", "/.well-known/x"),
        ("/100%25", "/100%"), ("/a..b", "/a..b"), ("/a?//", "/a"), ("//", "//"), ("/a//b", "/a//b"),
        ("/npm/@scope%2fname", "/npm/@scope/name"), ("/é", "/é"), ("/%2541", "/%41"), ("/;/x", "/;/x"),
    ])
    func `is decoded once for people, without its query`(target: String, path: String) throws {
        #expect(try RequestPath(target: target).text == path)
    }

    @Test(
        arguments: [
            ("", .notAPath), ("a", .notAPath), ("http://a/", .notAPath), ("*", .notAPath),
            ("/a b", .rawByte), ("/a\u{0}", .rawByte), ("/a\r\n", .rawByte), ("/a?\u{9}", .controlByte),
            ("/a?\u{7f}", .controlByte),
            ("/a\\b", .backslash), ("/a%5cb", .backslash), ("/a%5Cb", .backslash), ("/a%255cb", .backslash),
            ("/a#b", .fragment), ("/a%23b", .fragment), ("/a%2523b", .fragment),
            ("/%", .percentEncoding), ("/%4", .percentEncoding), ("/%zz", .percentEncoding),
            ("/%u0041", .percentEncoding),
            ("/%00", .controlByte), ("/a%0a", .controlByte), ("/%7f", .controlByte), ("/%2500", .controlByte),
            ("/%ff", .notUTF8), ("/%c0%ae%c0%ae/", .notUTF8), ("/%e0%80%af", .notUTF8), ("/%25c0%25af", .notUTF8),
            ("/.", .dotSegment), ("/..", .dotSegment), ("/public/../admin", .dotSegment), ("/a/./b", .dotSegment),
            ("/%2e%2e/admin", .dotSegment), ("/.%2e/", .dotSegment), ("/..;/admin", .dotSegment),
            ("/%252e%252e/admin", .dotSegment), ("/..%2f", .dotSegment), ("/a%2f..", .dotSegment),
            ("/a%252f..%252fb", .dotSegment), ("/a/..;x=1/b", .dotSegment), ("/a/..%20/b", .dotSegment),
            ("/a/.%3f", .dotSegment), ("/a/..%20x", .dotSegment), ("/a/%20../b", .dotSegment),
            ("/....%20/", .dotSegment), ("/" + String(repeating: "/", count: 1025), .padding),
            ("/a;" + String(repeating: "b", count: 1024), .padding),
            ("/a" + String(repeating: "%20", count: 1025), .padding),
        ] as [(String, RequestPath.Refusal)])
    func `RT-21 RT-22 RT-23 RT-27 is refused where some program would be at another place altogether`(
        target: String, refusal: RequestPath.Refusal
    ) {
        #expect(throws: refusal) { try RequestPath(target: target) }
    }

    @Test(arguments: ["/a?re=\\d+", "/a?x#y", "/a?b c", "/a?\u{e9}", "/a?%", "/a?%ff", "/a?%00"])
    func `RT-117: is not refused for what its query holds`(target: String) throws {
        #expect(try RequestPath(target: target).text == "/a")
    }

    @Test(
        arguments: [
            ("/a/b", ["/a/b"]), ("/A", ["/A"]),
            ("/a;b/c;d=1;e", ["/a;b/c;d=1;e", "/a/c"]), ("/a//b", ["/a//b", "/a/b"]),
            ("/a%20", ["/a%20", "/a"]), ("/a%3fb", ["/a%3fb", "/a", "/a?b"]),
            ("/a./b", ["/a./b", "/a/b"]), ("/a%2fb", ["/a%2fb", "/a/b"]), ("/a%252fb", ["/a%252fb", "/a%2fb", "/a/b"]),
            ("/%61", ["/%61", "/a"]), ("/%2561", ["/%2561", "/%61", "/a"]), ("/;x/a", ["/;x/a", "//a", "/a", "/"]),
            ("/a/", ["/a/"]), ("/a;/", ["/a;/", "/a/"]),
        ] as [(String, [String])])
    func `RT-109: has the readings that applications have of it`(target: String, readings: [String]) throws {
        let path = try RequestPath(target: target)
        let found = path.readings(limit: 100).map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(found.first == readings[0])
        #expect(Set(found) == Set(readings))
    }

    @Test func `a reading is no longer than anyone looks at it`() throws {
        let long = try RequestPath(target: "/" + String(repeating: "a;b/%20c", count: 500))
        #expect(long.readings(limit: 20).allSatisfy { $0.bytes.count <= 40 })
    }

    @Test(arguments: [
        ("example.com", "example.com"), ("EXAMPLE.com.:443", "example.com"), ("example.com:8080", "example.com"),
        ("localhost", "localhost"), ("127.0.0.1:80", "127.0.0.1"), ("[::1]:443", "[::1]"), ("", nil), ("a b", nil),
        ("a,b", nil), ("example.com:", nil), ("example.com:x", nil), ("user@example.com", nil), ("a/b", nil),
        ("example..com", nil), ("[::1", nil), ("ex\u{e4}mple.com", nil),
    ])
    func `RT-26 one host has one spelling`(host: String, canonical: String?) {
        #expect(OriginalRequest.canonical(host) == canonical)
    }
}
