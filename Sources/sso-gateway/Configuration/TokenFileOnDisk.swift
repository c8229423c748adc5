import Gateway
import Glibc
import JOSE
import Locking
import SecretMemory
import Untrusted

/// A JSON object from installation id to access token, which another program writes (a secrets manager, for example).
/// Each look-up checks the file's attributes, and reads the file again if they changed.
final class TokenFileOnDisk: TokenFile {
    private struct Known {
        var version: FileVersion?
        var tokens: [String: SecretBytes]?
    }

    /// A link may point to another file, and a change within one tick of the clock shows only in the size or the inode.
    private struct FileVersion: Equatable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let times: [Int]
    }

    let path: String
    /// The path in messages.
    private let shown: String
    private let known = Locked(Known())

    init(path: String, shownAs shown: String? = nil) {
        self.path = path
        self.shown = shown ?? path
    }

    func entry(of installationID: String) -> TokenFileEntry {
        known.withLock { known in
            let version = version()
            var trouble: String?
            if version != known.version || known.tokens == nil {
                known.version = version
                do throws(ReadFile.Failure) { known.tokens = try read() } catch { trouble = error.message }
            }
            return TokenFileEntry(token: known.tokens.map { $0[installationID] }, trouble: trouble)
        }
    }

    private func version() -> FileVersion? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return FileVersion(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
            times: [status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec])
    }

    private func read() throws(ReadFile.Failure) -> [String: SecretBytes] {
        let content = try ReadFile.secretContent(path, shownAs: shown)
        let object: JSONObject
        // The parser's message may quote the content.
        do { object = try JSONObject(parsing: content) } catch {
            throw ReadFile.Failure(message: "\(shown) is not a JSON object")
        }
        var tokens: [String: SecretBytes] = [:]
        for (id, value) in object.members {
            guard let token = value.text?.string, ReadInstallationToken.isToken(token) else {
                throw ReadFile.Failure(message: "\(shown): the value of \(id) is not an access token")
            }
            tokens[id.string] = SecretBytes(token)
        }
        return tokens
    }
}
