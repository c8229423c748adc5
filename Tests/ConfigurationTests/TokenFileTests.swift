import Gateway
import Glibc
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import sso_gateway

/// Installation tokens in a file that another program writes.
@Suite struct TokenFileTests {
    private func token(_ file: TokenFileOnDisk, _ id: String = "icfg_1") -> String? {
        (file.entry(of: id).token ?? nil)?.exposedText?.string
    }

    @Test func `a change is seen at the next look, in place, by rename and by link`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("tokens.json", #"{"icfg_1":"one","icfg_2":"two"}"#)
        let file = TokenFileOnDisk(path: path)
        #expect(token(file) == "one" && token(file, "icfg_2") == "two" && token(file, "icfg_3") == nil)
        // The same length within the same second.
        try folder.write("tokens.json", #"{"icfg_1":"ONE","icfg_2":"two"}"#)
        #expect(token(file) == "ONE")
        let next = try folder.write("next.json", #"{"icfg_1":"moved"}"#)
        #expect(unsafe rename(next, path) == 0)
        #expect(token(file) == "moved" && token(file, "icfg_2") == nil)
        // As Kubernetes does it.
        try folder.write("a.json", #"{"icfg_1":"a"}"#)
        try folder.write("b.json", #"{"icfg_1":"b"}"#)
        #expect(unsafe symlink(folder.path("a.json"), folder.path("link")) == 0)
        let linked = TokenFileOnDisk(path: folder.path("link"))
        #expect(token(linked) == "a")
        #expect(unsafe symlink(folder.path("b.json"), folder.path("new")) == 0)
        #expect(unsafe rename(folder.path("new"), folder.path("link")) == 0)
        #expect(token(linked) == "b")
    }

    @Test(arguments: [nil, "", "{", "[]", #"{"icfg_1":1}"#, #"{"icfg_1":"two words"}"#, #"{"a":"x","a":"y"}"#])
    func `an unreadable file is reported once, and the last tokens stay in use`(_ content: String?) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("tokens.json", #"{"icfg_1":"secret-token"}"#)
        let file = TokenFileOnDisk(path: path)
        #expect(token(file) == "secret-token")
        if let content { try folder.write("tokens.json", content) } else { unsafe unlink(path) }
        let broken = file.entry(of: "icfg_1")
        #expect((broken.token ?? nil)?.exposedText?.string == "secret-token")
        let trouble = try #require(broken.trouble)
        #expect(trouble.contains(path) && !trouble.contains("secret-token") && !trouble.contains("two words"))
        #expect(file.entry(of: "icfg_1").trouble == nil)
        try folder.write("tokens.json", #"{"icfg_1":"mended"}"#)
        #expect(token(file) == "mended")
    }

    @Test func `a file that was never readable has no answer`() throws {
        let folder = try TemporaryFolder()
        let entry = TokenFileOnDisk(path: folder.path("none.json")).entry(of: "icfg_1")
        #expect(entry.token == nil && entry.trouble != nil)
    }
}
