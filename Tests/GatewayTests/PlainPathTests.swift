import HTTP
import Testing

@testable import Gateway

@Suite struct PlainPathTests {
    @Test(arguments: [
        ("/", "/"), ("/a/b", "/a/b"), ("/a/", "/a/"), ("/a%20b", "/a b"), ("/%C3%A9", "/é"), ("/a?x=/../y", "/a"),
        ("/a?x=%2f%2e%2e", "/a"), ("/a;b=1/c", "/a;b=1/c"), ("/...", "/..."), ("/.well-known/x", "/.well-known/x"),
        ("/100%25", "/100%"), ("/a..b", "/a..b"), ("/a?//", "/a"),
    ])
    func `reads a plain path, without its query`(target: String, path: String) throws {
        #expect(try PlainPath(target: target).text == path)
    }

    @Test(
        arguments: [
            ("", .notAPath), ("a", .notAPath), ("http://a/", .notAPath), ("*", .notAPath),
            ("/a b", .rawByte), ("/é", .rawByte), ("/a\u{0}", .rawByte), ("/a\r\n", .rawByte), ("/a?\u{9}", .rawByte),
            ("/a\\b", .backslash), ("/a%5cb", .backslash), ("/a%5Cb", .backslash),
            ("/a#b", .fragment), ("/a%23b", .fragment), ("/a?x#y", .fragment),
            ("/a%2fb", .encodedSlash), ("/a%2Fb", .encodedSlash), ("/..%2f", .encodedSlash),
            ("/%", .percentEncoding), ("/%4", .percentEncoding), ("/%zz", .percentEncoding),
            ("/%u0041", .percentEncoding),
            ("/%00", .controlByte), ("/a%0a", .controlByte), ("/%7f", .controlByte),
            ("/%252e%252e/admin", .doubleEncoding), ("/%2541", .doubleEncoding),
            ("/%ff", .notUTF8), ("/%c0%ae%c0%ae/", .notUTF8), ("/%e0%80%af", .notUTF8),
            ("//", .emptySegment), ("//evil", .emptySegment), ("/a//b", .emptySegment), ("/;/admin", .emptySegment),
            ("/.", .dotSegment), ("/..", .dotSegment), ("/public/../admin", .dotSegment), ("/a/./b", .dotSegment),
            ("/%2e%2e/admin", .dotSegment), ("/.%2e/", .dotSegment), ("/..;/admin", .dotSegment),
            ("/a/..;x=1/b", .dotSegment), ("/a/..%20/b", .dotSegment), ("/a/.%3f", .dotSegment),
            ("/%20/a", .emptySegment), ("/%3fx", .emptySegment),
        ] as [(String, PlainPath.Refusal)])
    func `RT-21 RT-22 RT-23 RT-27 refuses what two programs could read differently`(
        target: String, refusal: PlainPath.Refusal
    ) {
        #expect(throws: refusal) { try PlainPath(target: target) }
    }

    @Test(
        arguments: [
            ("/a;b/c;d=1;e", ["/a/c"]), ("/a", []), ("/a%3Bb/", ["/a/"]), ("/a;", ["/a"]), ("/a%20", ["/a"]),
            ("/a%3fb", ["/a"]), ("/a;x/b%20c", ["/a/b", "/a/b c", "/a;x/b"]),
        ] as [(String, [String])])
    func `knows how else the path is read`(target: String, others: [String]) throws {
        #expect(try PlainPath(target: target).otherReadings.map(\.text).sorted() == others)
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
