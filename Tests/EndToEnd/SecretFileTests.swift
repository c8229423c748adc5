import Foundation
import Glibc
import TestSupport
import Testing

@testable import Gateway
@testable import ProviderStandIn

/// Secrets as platforms mount them: behind links, owned by root, readable by a group.
@Suite(.enabled(if: geteuid() == 0, "only root can start a process as another user"))
struct SecretFileTests {
    /// The process's user and group, and a group that it has beside that.
    private static let (user, group, shared) = (uid_t(65534), gid_t(65534), gid_t(7777))
    private static let identity = ["setpriv", "--reuid=65534", "--regid=65534", "--groups=7777"]
    private static let kinds = ["keys.json", "secret", "admin", "tokens.json"]

    /// Who owns a file, its mode, and what the message says; nil where it is read.
    private static let cases: [(owner: uid_t, group: gid_t, mode: mode_t, message: String?)] = [
        (0, shared, 0o440, nil), (0, shared, 0o640, nil), (0, group, 0o440, nil), (user, group, 0o400, nil),
        (user, group, 0o600, nil), (user, shared, 0o640, nil), (user, 0, 0o600, nil),
        (0, 0, 0o400, "Permission denied: run `chown 65534 "),
        (0, 0, 0o444, "can be read by others: run `chmod o= "),
        (0, shared, 0o444, "can be read by others: run `chmod o= "),
        (user, group, 0o602, "can be written by others: run `chmod o= "),
        (user, shared, 0o660, "can be written by its group: run `chmod g-w "),
        (user, 0, 0o640, "can be read by group 0, which is not a group of this process: run `chmod g= "),
        (1234, shared, 0o440, "belongs to user 1234, not to root or to this process's user: run `chown 65534 "),
    ]

    /// A folder as Kubernetes mounts a secret: every name leads through `..data` to a directory that is replaced as a whole.
    private static func mounted() throws -> (folder: TestFolder, configuration: String) {
        let folder = try TestFolder()
        var configuration = try String(
            contentsOfFile: ProcessWorld.configure(
                folder, marketplace: "http://127.0.0.1:9",
                extra: "admin_token_file: \(folder.path)/admin\nstore: memory"),
            encoding: .utf8)
        let start = try #require(configuration.firstRange(of: "source: static")?.lowerBound)
        let end = try #require(configuration.firstRange(of: "    routes:")?.lowerBound)
        configuration.replaceSubrange(start..<end, with: "source: file\n      path: \(folder.path)/tokens.json\n")
        try folder.write("gateway.yaml", configuration, mode: 0o644)
        try folder.write("admin", "an-admin-token\n")
        try folder.write("tokens.json", #"{"icfg_1":"a-token"}"#)
        try FileManager.default.createDirectory(
            atPath: folder.path + "/..2026_01", withIntermediateDirectories: false)
        for kind in kinds {
            #expect(unsafe rename(folder.path + "/" + kind, folder.path + "/..2026_01/" + kind) == 0)
            #expect(unsafe symlink("..data/" + kind, folder.path + "/" + kind) == 0)
        }
        #expect(unsafe symlink("..2026_01", folder.path + "/..data") == 0)
        for path in ["", "/working", "/temporary", "/..2026_01"] { unsafe chmod(folder.path + path, 0o755) }
        return (folder, folder.path + "/gateway.yaml")
    }

    private static func set(_ path: String, _ owner: uid_t, _ group: gid_t, _ mode: mode_t) {
        #expect(unsafe chown(path, owner, group) == 0)
        #expect(unsafe chmod(path, mode) == 0)
    }

    @Test func `RT-121: a secret is read behind links, of root or of us, for our group, and for no others`()
        async throws
    {
        let (folder, configuration) = try Self.mounted()
        for kind in Self.kinds { Self.set(folder.path + "/" + kind, 0, Self.shared, 0o440) }
        for kind in Self.kinds {
            let path = folder.path + "/" + kind
            for (owner, group, mode, message) in Self.cases {
                Self.set(path, owner, group, mode)
                let check = try GatewayProcess(["check", "--config", configuration], in: folder, prefix: Self.identity)
                let code = try await check.exitCode()
                let place = "\(kind) \(owner):\(group) \(String(mode, radix: 8)): \(check.output)"
                #expect(code == (message == nil ? 0 : 78), "\(place)")
                if let message {
                    #expect(
                        check.output.contains(path + " " + message) || check.output.contains(path + ": " + message),
                        "\(place)")
                    #expect(check.output.contains(message + path + "`"), "\(place)")
                }
            }
            Self.set(path, 0, Self.shared, 0o440)
        }
    }

    @Test func `root reads for the service what the directory's owner owns and its group may read`() async throws {
        let (folder, configuration) = try Self.mounted()
        let place = folder.path + "/..2026_01"
        for kind in Self.kinds { Self.set(folder.path + "/" + kind, 0, 0, 0o400) }
        let path = folder.path + "/secret"
        for (directory, owner, group, mode, isRead) in [
            (Self.user, Self.user, Self.group, 0o600, true), (0, Self.user, Self.group, 0o600, false),
            (1234, Self.user, Self.group, 0o600, false), (0, 0, Self.group, 0o640, true),
            (0, 0, Self.shared, 0o640, false), (Self.user, Self.user, Self.group, 0o660, false),
        ] as [(uid_t, uid_t, gid_t, mode_t, Bool)] {
            for part in [folder.path, place] { #expect(unsafe chown(part, directory, Self.group) == 0) }
            Self.set(path, owner, group, mode)
            let check = try await GatewayProcess.run(["check", "--config", configuration], in: folder)
            #expect(check.code == (isRead ? 0 : 78), "\(directory) \(owner):\(group) \(mode): \(check.output)")
        }
    }

    @Test func `RT-121: a directory or a pipe in a secret's place is refused and not waited for`() async throws {
        let (folder, configuration) = try Self.mounted()
        for kind in Self.kinds { Self.set(folder.path + "/" + kind, 0, Self.shared, 0o440) }
        for kind in Self.kinds {
            let path = folder.path + "/" + kind
            #expect(unsafe rename(path, path + ".kept") == 0)
            for make in [{ unsafe mkdir(path, 0o750) }, { unsafe mkfifo(path, 0o600) }] {
                #expect(make() == 0)
                #expect(unsafe chown(path, Self.user, Self.group) == 0)
                let check = try GatewayProcess(["check", "--config", configuration], in: folder, prefix: Self.identity)
                #expect(try await check.exitCode() == 78)
                #expect(check.output.contains(path + " is not a plain file"), "\(kind): \(check.output)")
                #expect(unsafe remove(path) == 0)
            }
            #expect(unsafe rename(path + ".kept", path) == 0)
        }
    }

    @Test func `RT-121: a key ring is made for us alone, and never through a link`() async throws {
        let folder = try TestFolder()
        let path = folder.path + "/keys.json"
        #expect(unsafe symlink(folder.path + "/elsewhere", path) == 0)
        let refused = try await GatewayProcess.run(["keys", "generate", "--key-ring", path], in: folder)
        #expect(refused.code != 0 && folder.contents(folder.path).contains("elsewhere") == false)
        #expect(unsafe unlink(path) == 0)
        #expect(try await GatewayProcess.run(["keys", "generate", "--key-ring", path], in: folder).code == 0)
        var status = stat()
        #expect(unsafe stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }
}
