import GRDB
import Gateway
import Glibc

/// Copies a store's file while gateways read and write it.
package enum StoreCopy {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Writes a complete copy to a new file and returns what is in it.
    package static func backUp(_ path: String, to target: String) throws(Failure) -> StoreInspection {
        do {
            guard try SQLiteFile.inspect(path) else {
                throw Failure(description: "there is no store at \(path) yet: the gateway's first start creates it")
            }
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(description: "\(error)")
        }
        guard SQLiteFile.identity(target) == nil else {
            throw Failure(description: "\(target) exists: a backup never replaces a file")
        }
        try checkDirectory(SQLiteFile.directory(of: target))
        return try copy(path, to: target, replacing: false)
    }

    /// For the copy before a migration, in the store's own directory.
    static func replace(_ target: String, withCopyOf path: String) throws(Failure) {
        // Of a migration that was cut off: the caller holds the store's only write lock.
        unsafe unlink(fresh(target))
        _ = try copy(path, to: target, replacing: true)
    }

    private static func fresh(_ target: String) -> String { target + ".new" }

    private static func copy(_ path: String, to target: String, replacing: Bool) throws(Failure) -> StoreInspection {
        let fresh = fresh(target)
        let descriptor = unsafe open(fresh, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let hint = errno == EEXIST ? " (of a backup under way, or of one that was cut off: then remove it)" : ""
            throw Failure(description: "cannot create \(fresh): \(SQLiteFile.reason())\(hint)")
        }
        defer {
            close(descriptor)
            unsafe unlink(fresh)
        }
        do {
            try vacuum(path, into: fresh)
            let copied = try StoreInspection(reading: fresh)
            guard copied.damage.isEmpty else {
                throw Failure(description: "the copy of \(path) is damaged: run `sso-gateway store check`")
            }
            try publish(fresh, descriptor, as: target, replacing: replacing)
            return copied
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(description: "cannot copy \(path): \(SQLiteStore.message(of: error))")
        }
    }

    /// The state of one moment, without deleted rows. Writers do not wait for it (<https://www.sqlite.org/lang_vacuum.html>).
    private static func vacuum(_ path: String, into fresh: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        let source = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? source.close() }
        // A relative name must not begin with `file:`, which SQLite reads as a URI.
        let name = fresh.hasPrefix("/") ? fresh : "./" + fresh
        try source.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [name]) }
    }

    /// Gives the complete file its name, and waits until the disk has both.
    private static func publish(_ fresh: String, _ descriptor: Int32, as target: String, replacing: Bool)
        throws(Failure)
    {
        guard fsync(descriptor) == 0 else {
            throw Failure(description: "cannot write \(fresh): \(SQLiteFile.reason())")
        }
        // `link` refuses an existing name, `rename` does not.
        guard unsafe (replacing ? rename(fresh, target) : link(fresh, target)) == 0 else {
            throw Failure(description: "cannot create \(target): \(SQLiteFile.reason())")
        }
        let directory = unsafe open(SQLiteFile.directory(of: target), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(directory) }
        guard directory >= 0, fsync(directory) == 0 else {
            throw Failure(description: "cannot write the directory of \(target): \(SQLiteFile.reason())")
        }
    }

    /// In a directory of another user, that user could put a link in the place of the new file.
    private static func checkDirectory(_ path: String) throws(Failure) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            throw Failure(description: "cannot look at the directory \(path): \(SQLiteFile.reason())")
        }
        let isOwn = status.st_uid == geteuid() || status.st_uid == 0
        guard isOwn, status.st_mode & 0o022 == 0 || status.st_mode & S_ISVTX != 0 else {
            throw Failure(description: "other users can write to the directory \(path): choose another one")
        }
    }
}
