import Gateway
import Glibc
import JOSE
import Locking
import SecretMemory
import Untrusted

/// A JSON object from installation id to access token, kept up to date by somebody else (a secrets manager, a mounted
/// secret). Looked at whenever a token is wanted, read again when it is another file or has changed.
final class TokenFileOnDisk: TokenFile {
    private struct Known {
        var look: Look?
        var tokens: [String: SecretBytes]?
    }

    /// What tells a file from what it was: links to it may be swapped, and a change within one tick of the clock shows
    /// in the size or the inode.
    private struct Look: Equatable {
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
            let look = look()
            var trouble: String?
            if look != known.look || known.tokens == nil {
                known.look = look
                do throws(ReadFile.Failure) { known.tokens = try read() } catch { trouble = error.message }
            }
            return TokenFileEntry(token: known.tokens.map { $0[installationID] }, trouble: trouble)
        }
    }

    private func look() -> Look? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return Look(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
            times: [status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec])
    }

    private func read() throws(ReadFile.Failure) -> [String: SecretBytes] {
        let content = try ReadFile.secretContent(path, shownAs: shown)
        let object: JSONObject
        // A parser's own words may quote what it read.
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
