import HTTP
import Testing

@Suite struct HTTPHeadersTests {
    @Test func `folds case and nothing else`() {
        let headers: HTTPHeaders = ["X-Name": "a", "x_name": "b"]
        #expect(headers["x-NAME"] == "a")
        #expect(headers["X_Name"] == "b")
        #expect(headers["X.Name"] == nil)
    }

    @Test func `two fields of one name are no answer`() {
        let headers: HTTPHeaders = ["Host": "a", "host": "b"]
        #expect(headers.lookUp("Host") == .several)
        #expect(headers["Host"] == nil)
        #expect(headers.all("HOST") == ["a", "b"])
    }
}

@Suite struct CookieHeaderTests {
    private func cookies(_ text: String) -> CookieHeader { CookieHeader(["Cookie": text]) }

    /// Headers of all shapes, made of the bytes that matter to a parser of cookies.
    @Test func `RT-54: whatever the header holds, a cookie is found when its name came once and else not at all`() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("sid=; \t\",\\%_-\u{e9}\u{1f600}")
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int.random(in: 0...40, using: &random)).map { _ in alphabet.randomElement(using: &random)! })
            let pairs = text.split(separator: ";", omittingEmptySubsequences: false).map { pair in
                pair.drop { $0 == " " || $0 == "\t" }
            }
            let values = pairs.compactMap { $0.hasPrefix("sid=") ? String($0.dropFirst(4)) : nil }
            let found = cookies(text)["sid"].map { String(decoding: $0, as: UTF8.self) }
            #expect(found == (values.count == 1 ? values[0] : nil), "\(text.debugDescription)")
        }
    }

    @Test(arguments: [
        ("a=1", "1"), ("b=2; a=1", "1"), ("b=2;a=1;c", "1"), ("a=", ""), ("a=x=y", "x=y"), ("\ta=1", "1"),
        ("A=2; a=1", "1"), ("=; ; a=1;;", "1"),
    ])
    func `finds one cookie among others' oddities`(header: String, value: String) {
        #expect(cookies(header).lookUp("a") == .one(Array(value.utf8)[...]))
    }

    @Test(arguments: ["", "b=1", "aa=1", "a", "=a", "xa=1; b=a=1"])
    func `finds nothing where nothing is`(header: String) {
        #expect(cookies(header).lookUp("a") == .absent)
    }

    @Test func `two cookies of one name are no answer`() {
        #expect(cookies("a=1; b=2; a=1").lookUp("a") == .several)
        #expect(cookies("a=1; a=2")["a"] == nil)
    }

    @Test func `RT-50 setting and clearing differ in value and lifetime alone`() {
        let cookie = SetCookie(name: "__Host-x", isSecure: true)
        let attributes = { (text: String) in text.split(separator: "; ").dropFirst().filter { !$0.hasPrefix("Max-Age") }
        }
        #expect(attributes(cookie.setting("v", maxAge: 60)) == attributes(cookie.clearing))
        #expect(cookie.setting("v", maxAge: 60) == "__Host-x=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure")
    }
}

@Suite struct ByteSetTests {
    @Test func `has exactly its members, and no byte above 127`() {
        let set = ByteSet("aZ0~ ")
        let members = (UInt8.min...UInt8.max).filter(set.contains)
        #expect(members == Array(" 0Za~".utf8))
    }

    @Test func `visible bytes are those between the blank and DEL`() {
        #expect((UInt8.min...UInt8.max).filter(ByteSet.visible.contains) == Array(0x21...0x7e))
    }
}
